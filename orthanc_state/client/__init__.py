"""The REST API of one Orthanc as Python objects. It knows nothing of desired state."""

from orthanc_state.client._sync.modalities import Modalities
from orthanc_state.client._sync.orthanc import Orthanc
from orthanc_state.client._sync.peers import Peers
from orthanc_state.client._sync.remotes import Remotes
from orthanc_state.client._sync.settings import SwitchSetting
from orthanc_state.client.errors import (
    ApiError,
    BadRequestError,
    ClientError,
    ConfigurationError,
    ConflictError,
    ConnectionFailedError,
    ForbiddenError,
    JobFailedError,
    JobUnfinishedError,
    NotAllowedError,
    NotFoundError,
    PathError,
    ReadOnlyError,
    ServerError,
    TimedOutError,
    TruncatedError,
    UnauthorizedError,
    UnexpectedAnswerError,
    UnsupportedError,
    UploadError,
)

__all__ = [
    "ApiError",
    "BadRequestError",
    "ClientError",
    "ConfigurationError",
    "ConflictError",
    "ConnectionFailedError",
    "ForbiddenError",
    "JobFailedError",
    "JobUnfinishedError",
    "Modalities",
    "NotAllowedError",
    "NotFoundError",
    "Orthanc",
    "PathError",
    "Peers",
    "ReadOnlyError",
    "Remotes",
    "ServerError",
    "SwitchSetting",
    "TimedOutError",
    "TruncatedError",
    "UnauthorizedError",
    "UnexpectedAnswerError",
    "UnsupportedError",
    "UploadError",
]
