-- What the visitor's browser stands on. Empty: not known.
ALTER TABLE visit ADD COLUMN device TEXT NOT NULL DEFAULT '' CHECK (device IN ('', 'desktop', 'phone', 'tablet'));
