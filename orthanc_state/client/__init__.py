"""The REST API of one Orthanc as Python objects. It knows nothing of desired state."""

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
from orthanc_state.client.orthanc import Orthanc

__all__ = [
    "ApiError",
    "BadRequestError",
    "ClientError",
    "ConfigurationError",
    "ConflictError",
    "ConnectionFailedError",
    "ForbiddenError",
    "NotFoundError",
    "Orthanc",
    "PathError",
    "ReadOnlyError",
    "ServerError",
    "TimedOutError",
    "UnauthorizedError",
    "UnexpectedAnswerError",
]
