//! Asks agents for their password again. The form that they submitted is shown again with a password field, and it
//! keeps everything that they entered.

use engine::{Engine, Principal, validation::FormError};
use protocol::{
    refusal::Refusal,
    screen::{Block, Cell, Field, FieldKind, Form, FormKind, Screen, Tone},
};

use super::{FormOutcome, RequestContext, dispatch_show, form_fields::Fields, i18n, screen_address::Address};

/// The name of the password field.
pub(super) const FIELD: &str = "password_again";

/// Checks the password if the form contains it. Returns the form again, with an error, if the password is missing or
/// wrong.
///
/// # Errors
/// Returns [`Refusal::TooMany`] after too many wrong passwords.
pub(super) async fn check(
    engine: &Engine,
    context: &RequestContext,
    address: &str,
    fields: &Fields,
) -> Result<Option<FormOutcome>, Refusal> {
    let (Some(me), true) = (&context.principal, fields.has(FIELD)) else { return Ok(None) };
    match engine.reauthenticate(me, fields.raw(FIELD), FIELD).await {
        Ok(()) => Ok(None),
        Err(FormError::Refused(refusal)) => Err(refusal),
        Err(FormError::FieldErrors(errors)) => {
            let error = errors.first().map(|error| i18n::field_error(&error.kind)).unwrap_or_default();
            Ok(Some(ask(engine, context, address, fields, &error).await))
        }
    }
}

/// Returns the submitted form with a password field added.
pub(super) async fn ask(
    engine: &Engine,
    context: &RequestContext,
    address: &str,
    fields: &Fields,
    error: &str,
) -> FormOutcome {
    let mut screen = screen_of(engine, context, address).await;
    let to = Address::parse(address).path().to_owned();
    let asked = password().error(error);
    if !ask_in_place(&mut screen, &to, fields, &asked) {
        let mut all = fields.as_hidden(FIELD);
        all.push(asked);
        screen.blocks.push(Block::Form(Form::new(address, i18n::confirm(), all)));
    }
    FormOutcome::Render(screen)
}

/// Returns a form that only asks for the password, for requests that do not come from a form on a screen, such as
/// exports.
pub(super) async fn form_if_needed(engine: &Engine, me: &Principal, to: &str) -> Result<Option<Form>, Refusal> {
    let needed = !engine.is_reauthenticated(me).await?;
    Ok(needed.then(|| Form::new(to, i18n::confirm(), vec![password().hint(i18n::export_password_hint())])))
}

/// Returns the screen that contains the form. A form's address is either the address of its screen or below it.
async fn screen_of(engine: &Engine, context: &RequestContext, address: &str) -> Screen {
    let mut rest = address;
    loop {
        match Box::pin(dispatch_show(engine, context, rest)).await {
            Ok(screen) => return screen,
            Err(_) => match rest.split('?').next().and_then(|path| path.rsplit_once('/')) {
                Some((parent, _)) if !parent.is_empty() => rest = parent,
                _ => return Screen::new(i18n::password(), ""),
            },
        }
    }
}

/// Adds the field to the form that is submitted to `to`. A button is turned into a form below the block that contains
/// it.
fn ask_in_place(screen: &mut Screen, to: &str, fields: &Fields, asked: &Field) -> bool {
    let is_it = |form: &Form| form.kind == FormKind::Action && form.to.split('?').next() == Some(to);
    for (at, block) in screen.blocks.iter_mut().enumerate() {
        match block {
            Block::Form(form) if is_it(form) => {
                fields.refill(&mut form.fields, &[]);
                form.fields.retain(|field| field.name != FIELD);
                form.fields.push(asked.clone());
                // This was already confirmed, and the field must be visible.
                form.tone = Tone::Plain;
                return true;
            }
            Block::Links(cells) => {
                let button = cells.iter().find_map(|cell| match cell {
                    Cell::Form(form) if is_it(form) => Some(form.clone()),
                    _ => None,
                });
                if let Some(mut form) = button {
                    form.fields.push(asked.clone());
                    form.tone = Tone::Plain;
                    screen.blocks.insert(at + 1, Block::Form(form));
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}

fn password() -> Field {
    Field::new(FIELD, i18n::your_current_password(), FieldKind::Password { new: false }).required()
}
