"""The words around a question: its files, speech, and what waits."""

from __future__ import annotations

from typing import Final

from components import words

FULL: Final = "Ten questions wait already, so this was not lined up. Your text is kept below."
WORDLESS: Final = "The files are ready. Write what to do with them, then send."
FILES_KEPT: Final = (
    "This was not sent, because not every file could go. Your text and the files are kept below."
)
REFUSALS: Final = {"full": FULL, "wordless": WORDLESS, "files": FILES_KEPT}

MORE: Final = "More"
MORE_WAYS: Final = "More ways to ask: files by address, recordings"
TAKES: Final = (
    "Files: up to {most} with a question ({kinds}), by the + in the composer, drag and drop, or paste."
)
TAKES_LINKED: Final = "Files: up to {most} with a question ({kinds}), by address only."
TAKES_NONE: Final = "This app takes no files."
KINDS: Final = {
    "image": "pictures to {mb} MB",
    "document": "documents to {mb} MB",
    "audio": "audio to {mb} MB",
    "video": "video to {mb} MB",
    "custom": "{endings}",
}
LINK: Final = "Address of a file"
LINK_HELP: Final = "The app's server fetches it, so the address must be one that the server can reach."
LINK_KIND: Final = "Kind of file"
LINK_KINDS: Final = {
    "": "By its name",
    "image": "Picture",
    "document": "Document",
    "audio": "Audio",
    "video": "Video",
    "custom": "Other",
}
LINK_ADD: Final = "Add file"
LINK_UNFIT: Final = {
    "address": "A file's address begins with https:// or http://.",
    "type": "The name does not tell a kind of file that this app takes. Choose the kind.",
}

REMOVE: Final = "Remove"
AGAIN: Final = "Try again"
UNFIT: Final = {
    "empty": "It is empty.",
    "type": "The app does not take files of this kind.",
    "size": "It is too large: {limit} MB at most.",
    "content": "It is not what its name says.",
}
READY: Final = "ready"
BYTES: Final = "{n} bytes"
BY_ADDRESS: Final = "by address"
UPLOADING: Final = "Uploading {name} ({number} of {count})"
UPLOADING_FORM: Final = "Bringing the files of the form to the app"
MANY: Final = "This app takes {limit} files with a question. Remove some."
UPLOAD_FAILED: Final = {
    "file_too_large": "The app's server says it is too large.",
    "unsupported_file_type": "The app's server does not take this kind of file.",
    "filename_not_exists_error": "The app's server did not see its name. Rename it and try again.",
    "no_file_uploaded": "It did not arrive at the app's server. Try again.",
    "too_many_files": "The app's server wants files one by one. Try again.",
    "s3_connection_failed": "The app's file store cannot be reached. Try again later.",
    "s3_permission_denied": "The app's file store refused it. Tell the app's owner.",
    "s3_file_too_large": "It is too large for the app's file store.",
    "limit_uploads": "You have brought more within an hour than this site lets one person bring. Try later.",
    "connection_lost": "The connection broke while it was uploaded. Try again.",
    "timed_out": "The app's server took too long. Try again.",
    "stalled": "The app's server took too long. Try again.",
    "unknown": "The app's server failed on it. Try again.",
    "internal_server_error": "The app's server failed on it. Try again.",
    "request_entity_too_large": "The app's server says it is too large.",
    "content_too_large": "The app's server says it is too large.",
    "unsupported_media_type": "The app's server does not take this kind of file.",
    "bad_gateway": "The app's server cannot take it now. Try again later.",
    "gateway_timeout": "The app's server took too long. Try again.",
    "service_unavailable": "The app's server cannot take it now. Try again later.",
}
UPLOAD_UNKNOWN: Final = "It could not be uploaded. Try again."

SPEECH_OFF: Final = "Speech input is off for this app."
SPEAK: Final = (
    "Speech: record with the microphone in the composer, or choose a recording. Its words come into the "
    "composer, to be read over and sent by you."
)
RECORDING: Final = "A recording"
RECORDING_HELP: Final = "Up to 30 MB. Above 15 MB some servers refuse it."
LISTENING: Final = "Writing down what was said"
LARGE: Final = "This recording is over 15 MB: that takes a while, and some servers refuse it."
UNHEARD: Final = {
    "empty": "The recording is empty. Check the microphone and record again.",
    "size": "The recording is over 30 MB. Record a shorter one.",
    "format": "This kind of recording cannot be read here. Save it as MP3, M4A or WAV.",
    "nothing": "Nothing was heard in the recording. Speak closer to the microphone and record again.",
    "speech_to_text_disabled": SPEECH_OFF,
    "provider_not_support_speech_to_text": "The app's model cannot hear. Tell the app's owner.",
    "audio_too_large": "The app's server says the recording is too large. Record a shorter one.",
    "unsupported_audio_type": "The app's server does not take this kind of recording. Save it as MP3 or WAV.",
    "no_audio_uploaded": "The recording did not arrive at the app's server. Record it again.",
    "bad_request_key_error": "The recording did not arrive at the app's server. Record it again.",
    "completion_request_error": "The app's server could not make words of the recording. Record it again.",
}
UNHEARD_UNKNOWN: Final = "What was said could not be written down."

ENTER_NEWLINE: Final = "Enter begins a new line"
ENTER_MEANS: Final = "Questions are then sent with Ctrl+Enter, or Cmd+Enter on a Mac."


def upload_failed(code: str) -> str:
    """Why a file could not be uploaded, in words."""
    known = words.ERRORS.get(code)
    return UPLOAD_FAILED.get(code) or (f"{known['title']} Try again." if known else UPLOAD_UNKNOWN)


def unheard(code: str) -> str:
    """Why a recording brought no words."""
    known = words.ERRORS.get(code)
    return UNHEARD.get(code) or (f"{UNHEARD_UNKNOWN} {known['title']}" if known else UNHEARD_UNKNOWN)
