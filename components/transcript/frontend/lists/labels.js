/** Every word that the lists of conversations say; `{name}` marks a value. */
export const LABELS = {
  list: "Conversations",
  unnamed: "New conversation",
  pinned: "Pinned",
  today: "Today",
  yesterday: "Yesterday",
  week: "Previous 7 days",
  month: "Previous 30 days",
  earlier: "Earlier",
  running: "An answer is arriving",
  none: "Your conversations will be listed here.",
  unreadable: "The list cannot be read now.",

  more: "Options",
  more_about: "More about {name}",
  rename: "Rename",
  generate: "Name it for me",
  pin: "Pin",
  unpin: "Unpin",
  share: "Share…",
  export: "Export…",
  back: "Back",
  formats: { markdown: "Markdown", html: "Web page, to print", json: "JSON", csv: "CSV, for spreadsheets" },
  mask: "Hide personal data…",
  delete: "Delete",

  name: "Name",
  save: "Save",
  cancel: "Cancel",
  naming: "Dify is asked for a name…",
  problems: {
    blank: "A name needs at least one letter.",
    too_long: "A name has at most 255 letters; this one has {n}.",
    not_found: "Dify no longer has this conversation.",
    forbidden: "Your role does not allow this.",
    store: "This site's database cannot be written now. Nothing was changed.",
    offline: "The site cannot be reached. Nothing was changed; try again.",
    other: "That did not work: {message}",
  },

  account: {
    password: "Change password",
    out: "Sign out",
    out_everywhere: "Sign out everywhere",
    failed: "You are not signed out: the site does not answer. Try again.",
    signed_out: "You are signed out. What you were typing is kept in this browser.",
    in: "Sign in again",
  },

  deleting: { one: "“{name}” will be deleted.", many: "{n} conversations will be deleted." },
  undo: "Undo",
  undone: "Nothing was deleted.",
  too_late: "It was too late: Dify has deleted it.",
  trying: "Dify cannot be reached; {n} to delete. This site keeps trying.",
  refused: "“{name}” stays: Dify would not delete it ({code}).",
  dismiss: "Close",

  exporting: "Writing the file…",
  exported_part: "Writing the file: {done} of {total} conversations",
  exported: { one: "The file is written: 1 conversation.", many: "The file is written: {n} conversations." },
  exported_failed: "The file could not be written. Try again.",
  exported_gaps: "{n} could not be read whole; the file says where.",
  exported_masked: "E-mail addresses, phone numbers, IBANs, card numbers, IP addresses and your own name are hidden where they were recognised. That is a help and no guarantee: read the file before you pass it on.",

  search: "Search titles, questions and answers",
  sort: "Sort by",
  sorts: {
    "-updated_at": "Last changed first", updated_at: "Last changed last",
    "-created_at": "Newest first", created_at: "Oldest first",
  },
  from: "From",
  to: "To",
  clear: "Clear search and dates",
  shares: "Shared links",
  select: "Select {name}",
  select_all: "Select all shown",
  selected: { one: "1 selected", many: "{n} selected" },
  unselect: "Clear selection",
  export_found: "Export all found",
  export_all: "Export all",
  created: "Begun {time}",
  updated: "changed {time}",
  shown: { one: "1 conversation", many: "{n} conversations" },
  shown_more: "{n} conversations, more below",
  reading: "Reading your whole list: {n} conversations so far…",
  loading: "Loading…",
  load_more: "Load more",
  again: "Try again",
  empty: "No conversations yet. Only those made on this site are listed: conversations made in Dify's own web app cannot be read through the API.",
  no_match: "No conversation matches. Answers are searched as far as this site has seen them: those asked here, and those of conversations that were opened here.",
};

/** @param {string} template @param {Record<string, string|number>} values */
export const fill = (template, values) =>
  template.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));

/** @param {{one: string, many: string}} words @param {number} n @param {Record<string, string|number>} [values] */
export const counted = (words, n, values = {}) => fill(n === 1 ? words.one : words.many, { n: n.toLocaleString(), ...values });
