//! Submitted form fields: text values and files, by field name.

use protocol::screen::{Field, FieldKind, Screen};

/// A file uploaded with a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// The file's name on the sender's device, for display only.
    pub name: String,
    /// The file's content.
    pub bytes: Vec<u8>,
}

/// A form's submitted fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    texts: Vec<(String, String)>,
    /// The text values as they were sent.
    raw: Vec<(String, String)>,
    files: Vec<(String, Upload)>,
}

impl Fields {
    /// Adds a text value. Removes control characters other than line feeds, because people never type them, but leaves
    /// passwords unchanged, because every character of them counts.
    pub fn push(&mut self, name: String, text: &str) {
        let clean =
            text.replace("\r\n", "\n").chars().filter(|letter| !letter.is_control() || *letter == '\n').collect();
        self.raw.push((name.clone(), text.to_owned()));
        self.texts.push((name, clean));
    }

    /// Adds a file.
    pub fn push_file(&mut self, name: String, upload: Upload) {
        self.files.push((name, upload));
    }

    /// Returns a field's value without surrounding whitespace, or an empty string if the field was not submitted.
    pub fn text(&self, name: &str) -> &str {
        first(&self.texts, name).trim()
    }

    /// Returns a field's value as it was sent (for passwords), or an empty string if the field was not submitted.
    pub fn raw(&self, name: &str) -> &str {
        first(&self.raw, name)
    }

    /// Returns whether a field was submitted, with or without a value.
    pub fn has(&self, name: &str) -> bool {
        self.texts.iter().any(|(known, _)| known == name)
    }

    /// Returns all text values except that of the field `except`, for use as hidden fields in another form.
    pub fn as_hidden(&self, except: &str) -> Vec<Field> {
        let others = self.texts.iter().filter(|(name, _)| name != except);
        others.map(|(name, text)| Field::hidden(name, text)).collect()
    }

    /// Returns all values submitted for a field.
    pub fn values<'f>(&'f self, name: &str) -> Vec<&'f str> {
        self.texts.iter().filter(|(known, _)| known == name).map(|(_, text)| text.trim()).collect()
    }

    /// Returns whether a switch is turned on.
    pub fn on(&self, name: &str) -> bool {
        self.text(name) == "on"
    }

    /// Returns the uploaded file, if one was selected and it is not empty.
    pub fn file(&self, name: &str) -> Option<&Upload> {
        self.files.iter().find(|(known, upload)| known == name && !upload.bytes.is_empty()).map(|(_, upload)| upload)
    }

    /// Puts the submitted values back into a form's fields, except for passwords, codes, files, and hidden fields. Also
    /// sets the given errors, each a pair of field name and message.
    pub fn refill(&self, fields: &mut [Field], errors: &[(&str, &str)]) {
        for field in fields {
            match field.kind {
                FieldKind::Password { .. } | FieldKind::OneTimeCode | FieldKind::File(_) | FieldKind::Hidden => {}
                FieldKind::MultiChoice(_) => field.value = self.values(&field.name).join("\n"),
                _ => field.value = first(&self.texts, &field.name).to_owned(),
            }
            if let Some((_, error)) = errors.iter().find(|(name, _)| *name == field.name) {
                field.error = (*error).to_owned();
            }
        }
    }

    /// Calls [`Self::refill`] on the screen's form that is submitted to `to`.
    pub fn redisplay(&self, mut screen: Screen, to: &str, errors: &[(&str, &str)]) -> Screen {
        use protocol::screen::Block;
        for block in &mut screen.blocks {
            if let Block::Form(form) = block
                && form.to == to
            {
                self.refill(&mut form.fields, errors);
            }
        }
        screen
    }
}

fn first<'f>(texts: &'f [(String, String)], name: &str) -> &'f str {
    texts.iter().find(|(known, _)| known == name).map_or("", |(_, text)| text)
}

#[cfg(test)]
mod tests {
    use protocol::screen::{Block, Form};

    use super::*;

    #[test]
    fn rejected_form_keeps_values_and_shows_errors() {
        let form = Form::new(
            "/settings/x",
            "Save",
            vec![
                Field::new("name", "Name", FieldKind::Line).value("before"),
                Field::new("password", "Password", FieldKind::Password { new: false }),
                Field::new("teams", "Teams", FieldKind::MultiChoice(Vec::new())).value("a"),
            ],
        );
        let mut sent = Fields::default();
        sent.push("name".into(), " \u{1b}Ann\r\nArcher ");
        sent.push("password".into(), " se\u{1b}cret ");
        sent.push("teams".into(), "b");
        sent.push("teams".into(), "c");
        assert_eq!(
            (sent.text("name"), sent.raw("password"), sent.values("teams")),
            ("Ann\nArcher", " se\u{1b}cret ", vec!["b", "c"])
        );
        let screen =
            sent.redisplay(Screen::new("", "").with(Block::Form(form)), "/settings/x", &[("name", "Too long.")]);
        let Block::Form(form) = &screen.blocks[0] else { panic!("a form") };
        let seen: Vec<_> = form.fields.iter().map(|field| (field.value.as_str(), field.error.as_str())).collect();
        assert_eq!(seen, [(" Ann\nArcher ", "Too long."), ("", ""), ("b\nc", "")]);
    }
}
