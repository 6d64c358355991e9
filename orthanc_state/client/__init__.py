"""The REST API of one Orthanc as Python objects. It knows nothing of desired state."""

from orthanc_state.client._sync.orthanc import Orthanc
from orthanc_state.client._sync.remotes import Modalities, Peers, Remotes
from orthanc_state.client._sync.tools import SwitchSetting
from orthanc_state.client.errors import (
    ApiError,
    BadRequestError,
    ClientError,
    ConfigurationError,
    ConflictError,
    ConnectionFailedError,
    ForbiddenError,
    NotFoundError,
    PathError,
    ReadOnlyError,
    ServerError,
    TimedOutError,
    UnauthorizedError,
    UnexpectedAnswerError,
)

__all__ = [
    "ApiError",
    "BadRequestError",
    "ClientError",
    "ConfigurationError",
    "ConflictError",
    "ConnectionFailedError",
    "ForbiddenError",
    "Modalities",
    "NotFoundError",
    "Orthanc",
    "PathError",
    "Peers",
    "ReadOnlyError",
    "Remotes",
    "ServerError",
    "SwitchSetting",
    "TimedOutError",
    "UnauthorizedError",
    "UnexpectedAnswerError",
]
