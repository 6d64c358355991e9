"""What goes wrong, as one readable block on standard error, and never a traceback for what a user can cause."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from orthanc_state.errors import InterruptError, OrthancStateError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_CHANGES = 2


def guarded(run: Callable[[], Any], *, json: bool) -> int:
    """Run a command and return its exit code; errors that a user can cause are printed.

    Args:
        run: The command; it returns its exit code.
        json: Whether the error is printed as JSON on standard output too.
    """
    try:
        code = run()
        sys.stdout.flush()
    except OrthancStateError as error:
        show_error(error, json=json)
        return EXIT_FAILED
    except KeyboardInterrupt:
        show_error(InterruptError("interrupted"), json=json)
        return EXIT_FAILED
    except BrokenPipeError:
        # Whoever read the output has read enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_FAILED
    except Exception as error:
        format_message = getattr(error, "format_message", None)
        if format_message is None and type(error).__name__ != "Abort":
            raise
        # What the parser of the command line refuses; its own exit code is 2, which means something else here.
        context = getattr(error, "ctx", None)
        hint = f"See {context.command_path} --help." if context is not None else ""
        refused = InterruptError("interrupted") if format_message is None else UsageError(format_message(), hint=hint)
        show_error(refused, json=json)
        return EXIT_FAILED
    return code if isinstance(code, int) else EXIT_OK


def show_error(error: OrthancStateError, *, json: bool) -> None:
    """Print an error on standard error, and as JSON on standard output when that was asked for."""
    from orthanc_state.cli.output import print_json, print_lines
    from orthanc_state.render.failure import error_lines

    if json:
        from orthanc_state.render.data import error_data

        print_json(error_data(error))
    print_lines(error_lines(error), error=True)
