-- What is set up: how concierges ask, who the people are, and how they sign in.

-- By which clock, and a line a stretch of days: `Mon-Fri 9:00-17:00`. No line: always open.
ALTER TABLE concierge ADD COLUMN zone TEXT NOT NULL DEFAULT 'UTC';
ALTER TABLE concierge ADD COLUMN hours TEXT NOT NULL DEFAULT '';
-- Milliseconds; none: the server's settings.
ALTER TABLE concierge ADD COLUMN quiet_after_deny INTEGER CHECK (quiet_after_deny > 0);
ALTER TABLE concierge ADD COLUMN quiet_after_unanswered INTEGER CHECK (quiet_after_unanswered > 0);
-- Paths of pages without a prompt, one a line; `*` stands for any letters.
ALTER TABLE concierge ADD COLUMN excluded_paths TEXT NOT NULL DEFAULT '';

CREATE TABLE invitation_template (
  concierge_id TEXT NOT NULL REFERENCES concierge(id),
  place INTEGER NOT NULL,
  name TEXT NOT NULL,
  words TEXT NOT NULL,
  PRIMARY KEY (concierge_id, place)
) STRICT;
INSERT INTO invitation_template (concierge_id, place, name, words)
  SELECT id, 0, 'Question?', 'Hi, I''m {agent}. Do you have a question about this page? I''m happy to answer it here.' FROM concierge;
INSERT INTO invitation_template (concierge_id, place, name, words)
  SELECT id, 1, 'Choosing', 'Hi, this is {agent}. Can I help you find the right one? Tell me what you need it for.' FROM concierge;
INSERT INTO invitation_template (concierge_id, place, name, words)
  SELECT id, 2, 'Checkout', 'Hello, {agent} here. If anything is unclear about ordering or delivery, just ask me.' FROM concierge;

-- Where it stands among the teams.
ALTER TABLE team ADD COLUMN place INTEGER NOT NULL DEFAULT 0;

ALTER TABLE agent ADD COLUMN language TEXT NOT NULL DEFAULT 'en';
-- None: the browser's.
ALTER TABLE agent ADD COLUMN zone TEXT;
-- The random name of a file.
ALTER TABLE agent ADD COLUMN picture TEXT;
-- The second factor; it counts once a code has confirmed it. No code is good twice: the last step that was is kept.
ALTER TABLE agent ADD COLUMN factor_secret BLOB;
ALTER TABLE agent ADD COLUMN factor_since INTEGER;
ALTER TABLE agent ADD COLUMN factor_step INTEGER NOT NULL DEFAULT 0;

-- When he last showed that it is he, by his password.
ALTER TABLE session ADD COLUMN proven_at INTEGER NOT NULL DEFAULT 0;

-- The password was right, the second factor is awaited. It opens nothing.
CREATE TABLE pending_sign_in (
  hash BLOB PRIMARY KEY NOT NULL,
  agent_id TEXT NOT NULL REFERENCES agent(id),
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE recovery_code (
  agent_id TEXT NOT NULL REFERENCES agent(id),
  hash BLOB NOT NULL,
  used_at INTEGER,
  PRIMARY KEY (agent_id, hash)
) STRICT;

-- A way in for somebody who is to become an agent. Only the hash of the link's token is kept.
CREATE TABLE join_link (
  hash BLOB PRIMARY KEY NOT NULL,
  organization_id TEXT NOT NULL REFERENCES organization(id),
  email TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL CHECK (role IN ('agent','supervisor','admin')),
  max_chats INTEGER NOT NULL CHECK (max_chats > 0),
  by_agent TEXT NOT NULL REFERENCES agent(id),
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE TABLE join_link_team (
  hash BLOB NOT NULL REFERENCES join_link(hash) ON DELETE CASCADE,
  team_id TEXT NOT NULL REFERENCES team(id),
  PRIMARY KEY (hash, team_id)
) STRICT;

-- A way to a new password.
CREATE TABLE reset_link (
  hash BLOB PRIMARY KEY NOT NULL,
  agent_id TEXT NOT NULL UNIQUE REFERENCES agent(id),
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
