-- What was changed, by whom. Rows are only ever added, and go when their time is over.
CREATE TABLE audit (
  id INTEGER PRIMARY KEY,
  organization_id TEXT NOT NULL REFERENCES organization(id),
  at INTEGER NOT NULL,
  -- None: the command line.
  agent_id TEXT REFERENCES agent(id),
  -- The name he had then.
  agent_name TEXT NOT NULL,
  -- `agent.deactivated`
  what TEXT NOT NULL,
  -- The name of what was changed.
  subject TEXT NOT NULL,
  -- From what to what, in words; never a secret, never what a visitor wrote.
  detail TEXT NOT NULL
) STRICT;
CREATE INDEX audit_of_organization ON audit(organization_id, id);
