-- Ids are UUIDv7 as text, times are milliseconds UTC, booleans are 0 or 1.

CREATE TABLE organization (
  id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL
) STRICT;

CREATE TABLE team (
  id TEXT PRIMARY KEY NOT NULL,
  organization_id TEXT NOT NULL REFERENCES organization(id),
  name TEXT NOT NULL
) STRICT;

CREATE TABLE agent (
  id TEXT PRIMARY KEY NOT NULL,
  organization_id TEXT NOT NULL REFERENCES organization(id),
  name TEXT NOT NULL,
  email TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL CHECK (role IN ('agent','supervisor','admin')),
  password_hash TEXT NOT NULL,
  max_chats INTEGER NOT NULL CHECK (max_chats > 0),
  active INTEGER NOT NULL DEFAULT 1
) STRICT;

CREATE TABLE team_agent (
  team_id TEXT NOT NULL REFERENCES team(id),
  agent_id TEXT NOT NULL REFERENCES agent(id),
  PRIMARY KEY (team_id, agent_id)
) STRICT;

CREATE TABLE concierge (
  id TEXT PRIMARY KEY NOT NULL,
  organization_id TEXT NOT NULL REFERENCES organization(id),
  key TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  sites TEXT NOT NULL,
  team_id TEXT REFERENCES team(id),
  title TEXT NOT NULL,
  greeting TEXT NOT NULL,
  colour TEXT NOT NULL,
  side TEXT NOT NULL,
  language TEXT NOT NULL,
  privacy TEXT NOT NULL,
  invitation TEXT NOT NULL,
  paused INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE session (
  hash BLOB PRIMARY KEY NOT NULL,
  agent_id TEXT NOT NULL REFERENCES agent(id),
  created_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  user_agent TEXT NOT NULL
) STRICT;
CREATE INDEX session_of_agent ON session(agent_id);

CREATE TABLE visitor (
  id TEXT PRIMARY KEY NOT NULL,
  organization_id TEXT NOT NULL REFERENCES organization(id),
  token_hash BLOB NOT NULL UNIQUE,
  name TEXT,
  quiet_until INTEGER,
  denials INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL
) STRICT;

CREATE TABLE visit (
  id TEXT PRIMARY KEY NOT NULL,
  organization_id TEXT NOT NULL REFERENCES organization(id),
  visitor_id TEXT NOT NULL REFERENCES visitor(id),
  concierge_id TEXT NOT NULL REFERENCES concierge(id),
  browser TEXT NOT NULL,
  started_at INTEGER NOT NULL
) STRICT;
CREATE INDEX visit_of_visitor ON visit(visitor_id);

CREATE TABLE page_view (
  id INTEGER PRIMARY KEY,
  visit_id TEXT NOT NULL REFERENCES visit(id),
  at INTEGER NOT NULL,
  url TEXT NOT NULL,
  title TEXT NOT NULL
) STRICT;
CREATE INDEX page_views ON page_view(visit_id, at);

CREATE TABLE invitation (
  id TEXT PRIMARY KEY NOT NULL,
  organization_id TEXT NOT NULL REFERENCES organization(id),
  visit_id TEXT NOT NULL REFERENCES visit(id),
  visitor_id TEXT NOT NULL REFERENCES visitor(id),
  by_agent TEXT NOT NULL REFERENCES agent(id),
  text TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('sent','delivered','seen','accepted','denied','expired','withdrawn','left')),
  sent_at INTEGER NOT NULL,
  delivered_at INTEGER,
  seen_at INTEGER,
  decided_at INTEGER,
  decided_by TEXT REFERENCES agent(id),
  expires_at INTEGER NOT NULL,
  quiet_until INTEGER,
  -- What the visitor said after the end: the state stays what it was.
  late_answer TEXT CHECK (late_answer IN ('accepted','denied'))
) STRICT;
CREATE UNIQUE INDEX one_open_invitation ON invitation(visit_id) WHERE state IN ('sent','delivered','seen');
CREATE INDEX invitation_of_visitor ON invitation(visitor_id);

CREATE TABLE chat (
  id TEXT PRIMARY KEY NOT NULL,
  organization_id TEXT NOT NULL REFERENCES organization(id),
  visit_id TEXT NOT NULL REFERENCES visit(id),
  visitor_id TEXT NOT NULL REFERENCES visitor(id),
  team_id TEXT REFERENCES team(id),
  agent_id TEXT REFERENCES agent(id),
  state TEXT NOT NULL CHECK (state IN ('unclaimed','in_progress','ended')),
  version INTEGER NOT NULL DEFAULT 1,
  since INTEGER NOT NULL,
  -- Where it stands in line, kept for the case that it comes back to the team.
  waiting_since INTEGER NOT NULL,
  reserved_for TEXT REFERENCES agent(id),
  reserved_until INTEGER,
  head INTEGER NOT NULL DEFAULT 0,
  visitor_delivered INTEGER NOT NULL DEFAULT 0,
  visitor_read INTEGER NOT NULL DEFAULT 0,
  agent_delivered INTEGER NOT NULL DEFAULT 0,
  agent_read INTEGER NOT NULL DEFAULT 0,
  end_reason TEXT CHECK (end_reason IN ('agent','visitor','silence','abandoned')),
  last_text TEXT,
  last_from_visitor INTEGER,
  last_at INTEGER,
  last_word_at INTEGER NOT NULL,
  CHECK ((state = 'ended') = (end_reason IS NOT NULL)),
  CHECK (state <> 'unclaimed' OR agent_id IS NULL),
  CHECK (state <> 'in_progress' OR agent_id IS NOT NULL)
) STRICT;
CREATE UNIQUE INDEX one_live_chat ON chat(visitor_id) WHERE state IN ('unclaimed','in_progress');
CREATE INDEX chat_of_visitor ON chat(visitor_id, since);
CREATE INDEX chat_of_agent ON chat(agent_id) WHERE state = 'in_progress';

CREATE TABLE entry (
  chat_id TEXT NOT NULL REFERENCES chat(id),
  seq INTEGER NOT NULL CHECK (seq > 0),
  at INTEGER NOT NULL,
  author TEXT NOT NULL CHECK (author IN ('visitor','agent','concierge')),
  author_agent TEXT REFERENCES agent(id),
  client_id TEXT,
  -- A message, or what happened, in words of the program.
  text TEXT,
  happening TEXT,
  PRIMARY KEY (chat_id, seq),
  UNIQUE (chat_id, client_id),
  CHECK ((text IS NULL) <> (happening IS NULL))
) STRICT;
