/**
 * Every word the transcript shows. Python overrides any key by `data.labels`; `{name}` marks a value.
 * errors.json is read by Python too: by code, what happened and what to do now.
 * `locale` is a BCP 47 tag for times and numbers; empty means the browser's own.
 */
const errors = await (await fetch(new URL("errors.json", import.meta.url))).json();

const ENGLISH = {
  locale: "",
  log: "Conversation", // accessible name of the transcript
  you: "You asked", // read before each question, not shown
  app: "The app", // read before each answer when the app has no name

  stop: "Stop answer",
  stopping: "Stopping…",
  stop_failed: "Stopping did not work. Check your connection and try again.",
  latest: "Jump to latest",
  reconnecting: "Reconnecting…",
  unavailable: "This conversation is not available here.",
  signed_out: "You are signed out, so nothing is shown any more.",
  sign_in: "Sign in again",

  older: "Load older messages",
  older_loading: "Loading older messages…",
  older_failed: "Older messages could not be loaded.",
  try_again: "Try again",

  waiting: "Waiting for the first words…",
  waiting_whole: "The app is asked for its whole answer at once. That can take minutes; Stop ends the waiting here, while the app goes on.",
  retry_in: "The app is busy with other questions. Trying again in {n} s…",
  retry_now: "Trying again…",
  recovering: "The connection to the app was lost. Looking for the rest of the answer…",
  paused: "The app has paused and waits for a person.",
  stopped: "Stopped.",
  replaced: "Replaced by moderation.",
  replaced_why: { output_moderation: "The app's rules do not allow what the model said." }, // by the server's reason; others are shown as they are
  annotation: "Answered from an annotation",
  annotation_by: "Answered from an annotation by {author}",
  empty: { title: "The app gave an empty answer.", advice: "Ask again, or put the question differently." },
  failed: { title: "The answer could not be finished.", advice: "" },
  incomplete: { title: "The answer broke off.", advice: "What had arrived is above. Ask again for a whole answer." },
  errors, // code -> Words of outcome.js; otherwise the server's words

  copy: "Copy answer",
  copied: "Copied",
  copy_failed: "Copying is not allowed here",
  retry: "Retry",
  retry_after: "Retry in {n} s",
  renew: "Ask in a new chat",
  like: "Good answer",
  dislike: "Bad answer",
  rating_why: { like: "What was good?", dislike: "What went wrong?" },
  rating_reason: "In your own words, if you like",
  rating_save: "Save",
  rating_revoke: "Take the rating back",
  rating_saved: "Rating saved",
  rating_revoked: "Rating taken back",
  rating_failed: "The rating could not be saved. Try again.",
  details: "Details",
  details_copy: "Copy {name}",
  details_copy_all: "Copy all",
  // Details: by groups, which rows there are and in which order
  details_groups: [
    { title: "", rows: { first_text: "First words after", total: "Whole answer in", speed: "Speed", latency: "Server's latency", first_token: "Server's first token" } },
    { title: "Cost", rows: { tokens: "Tokens", prompt: "Prompt", completion: "Answer", price: "Price" } },
    { title: "All answers shown here", rows: { all_answers: "Answers", all_tokens: "Tokens", all_price: "Price" } },
    { title: "Where it comes from", rows: { annotation_author: "Annotation by", annotation_id: "Annotation ID", citations: "Citations", speech: "Speech" } },
    { title: "For support", rows: { message_id: "Message ID", conversation_id: "Conversation ID", task_id: "Task ID", error_code: "Error code", error_status: "HTTP status", error_message: "Server's words" } },
  ],
  unit_price: "{price} per {n}",
  per_second: "{n} tokens/s",
  citations_off: "Off for this app",

  announce_started: "Answer started",
  announce_finished: "Answer finished, {words} words",
  announce_stopped: "Answer stopped",

  yesterday: "Yesterday {time}",
  seconds: "{n} s",
  thinking: "Thinking…",
  thought_for: "Thought for {time}",
  thought: "Reasoning",
  thought_untimed: "How long it took is not known: nobody watched it arrive.",
  using: "Using {name}…",
  used: "Used {names}",
  working: "Working…",
  step_running: "{name}…",
  steps_done: "{n} steps",
  step_done: "1 step",
  failed_at: "Failed at {name}",
  input: "Input",
  observation: "Result",
  step_states: { running: "Running", succeeded: "Done", failed: "Failed", stopped: "Stopped", retry: "Trying again", exception: "Failed, and the app went on", paused: "Waiting" },
  iteration: "Iteration",
  loop: "Loop",
  round: "Round {n}",
  rounds: "{n} rounds",
  retry_count: "1 retry",
  retries_count: "{n} retries",
  tokens_count: "{n} tokens",
  step_data: { inputs: "Input", process_data: "Process data", outputs: "Output", data: "Data" },
  step_data_cut: "The first {n} of {size} characters.",
  step_data_none: "The values are not known any more.",
  step_data_loading: "Loading…",
  step_data_failed: "The values could not be loaded. Close this and try again.",

  sources: "Sources",
  source: "Source",
  citation_rows: {
    dataset_name: "Knowledge", data_source_type: "Kind", score: "Score", hit_count: "Times found", word_count: "Words",
    segment_position: "Place in the document", place: "Place in this list", document_id: "Document ID", dataset_id: "Knowledge ID", segment_id: "Segment ID",
  },
  place_of: "{n} of {count}",
  no_segment: "The app sent no text for this source.",
  close: "Close",
  files: "Files",
  file_kinds: { image: "Picture", audio: "Sound", video: "Video", document: "File" }, // where a file has no name
  file_save: "Save {name}",
  file_elsewhere: "Opens in a new tab, from where it stands",
  file_unshown: "cannot be shown",
  file_ignored: "the app ignored this file",
  picture: "Picture",
  picture_open: "Enlarge {name}",
  picture_previous: "Previous picture",
  picture_next: "Next picture",
  picture_copy: "Copy picture",
  picture_copied: "Picture copied",
  picture_save: "Save picture",
  zoom_in: "Enlarge",
  zoom_out: "Make smaller",
  attachments: "Attached files",
  show_more: "Show all",
  show_less: "Show less",
  suggestions: "Suggested questions",

  changed_one: "Changed 1 variable: {names}",
  changed_many: "Changed {n} variables: {names}",
  changes: "What this answer changed",
  changes_empty: "It is empty, as before.",
  changes_secret: "A secret: it was changed.",
  changes_loading: "Loading…",
  changes_failed: "The difference could not be loaded. Close this and try again.",
  changes_forgotten: "The values are not known any more.",
  changes_all: "All variables of this conversation",
  queue: {
    name: "Waiting question",
    waits: "Sent when this answer is finished.",
    held: {
      failed: "The answer before it failed, so this waits.",
      paused: "The app waits for a person, so this waits too.",
      stopped: "You stopped the answer before it, so this waits.",
      restarted: "The site was restarted, so this waits.",
    },
    all_held: {
      failed: "The answer failed: {n} questions wait.",
      paused: "The app waits for a person: {n} questions wait too.",
      stopped: "Stopped: {n} questions wait.",
      restarted: "The site was restarted: {n} questions wait.",
    },
    go_on: "Go on", take_all_back: "Take them back",
    edit: "Edit", remove: "Remove", now: "Stop and send now", send: "Send now",
    announce: "Your question waits for the running answer",
  },
  file_failed: "A file could not be taken. Remove it or try it again, then send.",
  speak: "Read aloud",
  speech: "Speech",
  speech_off: "Off for this app",
  speech_play: "Play",
  speech_pause: "Pause",
  speech_stop: "Stop reading aloud",
  speech_speed: "Speed",
  speech_times: "{n}×",
  speech_download: "Download the speech",
  speech_wishes: "Voice options",
  speech_voice: "Voice",
  speech_voice_own: "the app's own voice",
  speech_voice_hint: "Empty for the app's own voice. Dify lists no voices; ask the app's owner for their names. A new voice is heard when you next press Read aloud.",
  speech_along: "Read new answers aloud as they arrive",
  speech_states: { loading: "Speech is on its way…", blocked: "Your browser waits for you: press Play to listen." },
  speech_cut: "The app cut its speech short. Press Play for all of it.",
  speech_failed: "This answer could not be read aloud. Try again later.",
  speech_problems: {
    speech_off: "Speech is off for this app. Its owner can switch it on in Dify.",
    speech_broken: "The speech broke off. The text is whole; try again.",
    speech_unplayable: "This browser cannot play what the app sent. The text is whole.",
    not_audio: "The app has no speech for this answer. The text is whole.",
    not_found: "There is nothing in this answer to read aloud.",
    forbidden: "You may read here, but not have answers read aloud.",
    too_many_requests: "Too much is being read aloud just now. Wait a little, then try again.",
  },

  copy_as: "Copy as…",
  copy_markdown: "Markdown",
  copy_text: "Plain text",

  again: "Ask again",
  again_here: "Ask again here",
  again_anew: "Ask again in a new chat",
  again_hint: "Here, it becomes another attempt of this question; Dify has no branches, so the app knows all attempts. A new chat asks the same questions up to this one, without the others.",
  again_anew_hint: "Each earlier question is asked once more, one after the other",
  edit: "Edit the question",
  edit_field: "Your question, in other words",
  cancel: "Cancel",
  attempt: "Attempt {n} of {of}",
  attempt_back: "Earlier attempt",
  attempt_on: "Later attempt",
  attempts_hint: "Attempts of one question. The app knows them all.",

  form: "The app asks",
  form_until: "Open until {time}",
  form_sent: "Sent. The answer goes on.",
  form_choice: "{title}: {choice}",
  form_submitted: "This form was answered.",
  form_expired: "This form was open too long and has expired. Ask again for a new one.",
  form_foreign: "This form wants something that cannot be sent from here. It can be answered in Dify.",
  form_file_choose: "Choose a file",
  form_files_choose: "Add files, up to {n}",
  form_file_share: "{n}%",
  form_files_busy: "A file is still on its way. Send the form when it has arrived.",
  form_files_failed: "A file could not go. Remove it or try it again, then send.",
  form_files_many: "This field takes {n} files. Remove some.",
  form_file_failed: "It could not be brought to the app. Try again.",
  form_file_problems: {
    empty: "It is empty.",
    type: "This field does not take files of this kind.",
    size: "It is too large: {n} MB at most.",
    content: "It is not what its name says.",
    file_too_large: "The app's server says it is too large.",
    unsupported_file_type: "The app's server does not take this kind of file.",
    not_found: "The app no longer has this form. Load the page again to see how it stands.",
    forbidden: "You may read here, but not send files.",
  },
  form_failed: "The form could not be sent. What you filled in is kept; try again.",
  form_problems: {
    invalid_form_data: "The app does not take this. Fill in every field, then choose again.",
    human_input_form_expired: "This form was open too long and has expired. Ask again for a new one.",
    not_found: "The app no longer has this form. Load the page again to see how it stands.",
    busy: "An answer is still arriving. Send the form when it has ended.",
    forbidden: "You may read here, but not answer forms.",
    unreachable: "This site cannot be reached. What you filled in is kept; try again.",
    unreachable_file: "This site cannot be reached. Try again.",
    invalid_param: "The app does not take this. Fill in every field, then choose again.",
  },
  annotate: "Make this an annotation",
  annotate_edit: "Edit the annotation of this answer",
  note: "Write a private note on this",

  markdown: {}, // words inside an answer (copy code, show image …): keys and English in markdown.js
};

/** @typedef {typeof ENGLISH} Labels */

/** @param {Record<string, any>} [own] @returns {Labels} English, with the reader's own words laid over it */
export function labelsOf(own = {}) {
  const all = /** @type {any} */ ({ ...ENGLISH });
  for (const [key, word] of Object.entries(own ?? {})) {
    const nested = word && typeof word === "object" && typeof all[key] === "object";
    if (word != null) all[key] = nested ? { ...all[key], ...word } : word;
  }
  return all;
}

/** @param {string} template @param {Record<string, string|number>} values */
export function fill(template, values) {
  return template.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}
