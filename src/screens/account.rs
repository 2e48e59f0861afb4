//! The agent's own account screen: profile, password, two-factor authentication, and active sessions.

use std::fmt::Write as _;

use engine::{
    Engine, Principal, opening_hours,
    people::{Account, SecondFactor},
    store::{PersonRecord, SignInRecord},
    user_agent,
};
use protocol::{
    agent::AVATARS,
    language::Language,
    refusal::Refusal,
    screen::{Block, Cell, Field, FieldKind, Form, Screen, Table, Tone},
};

use super::{FormOutcome, concierges, form_fields::Fields, i18n, with_errors};

const PATH: &str = "/account";
const AVATAR: &str = "/account/avatar";
const PASSWORD: &str = "/account/password";
const BEGIN: &str = "/account/totp/begin";
const CONFIRM: &str = "/account/totp/confirm";
const REMOVE: &str = "/account/totp/remove";

/// Shows the account.
pub(super) async fn show(engine: &Engine, me: &Principal) -> Result<Screen, Refusal> {
    let account = engine.account(me).await?;
    let person = &account.person;
    let profile = vec![
        Field::new("name", i18n::name(), FieldKind::Line).value(&person.name).required(),
        Field::new("zone", i18n::your_zone(), FieldKind::Suggested(opening_hours::zones()))
            .value(person.time_zone.as_deref().unwrap_or_default())
            .hint(i18n::your_zone_hint()),
        Field::new("language", i18n::language(), concierges::languages()).value(person.language.tag()),
    ];
    let kinds = FieldKind::File("image/png,image/jpeg,image/webp".into());
    let avatar = vec![Field::new("avatar", i18n::new_avatar(), kinds).hint(i18n::avatar_hint()).required()];
    let password = vec![
        Field::new("old", i18n::old_password(), FieldKind::Password { new: false }).required(),
        Field::new("new", i18n::new_password(), FieldKind::Password { new: true })
            .hint(i18n::password_hint())
            .required(),
    ];
    let screen = Screen::new(i18n::account(), i18n::account_lead())
        .with(Block::Form(Form::new(PATH, i18n::save(), profile)))
        .with(Block::Heading(i18n::avatar().into()))
        .with(Block::Links(avatar_cells(person)))
        .with(Block::Form(Form::new(AVATAR, i18n::upload(), avatar)))
        .with(Block::Heading(i18n::password().into()))
        .with(Block::Text(i18n::password_change_hint().into()))
        .with(Block::Form(Form::new(PASSWORD, i18n::change_password(), password)))
        .with(Block::Heading(i18n::second_factor().into()));
    let screen = with_totp(screen, &account);
    let end_others = Form::new("/account/sign-ins/others", i18n::end_others(), vec![Field::hidden("others", "on")]);
    Ok(screen
        .with(Block::Heading(i18n::sign_ins().into()))
        .with(Block::Table(sign_ins(me, account.sign_ins)))
        .with(Block::Links(vec![Cell::Form(end_others)])))
}

/// Returns the avatar and a button to remove it, or a hint if the person has no avatar.
fn avatar_cells(person: &PersonRecord) -> Vec<Cell> {
    let Some(address) = avatar_address(person) else { return vec![i18n::no_avatar().into()] };
    let remove = Form::new("/account/avatar/remove", i18n::remove(), vec![Field::hidden("remove", "on")]);
    vec![Cell::Avatar(address), Cell::Form(remove)]
}

/// Returns the path of a person's avatar, if they have one.
pub(super) fn avatar_address(person: &PersonRecord) -> Option<String> {
    person.avatar.as_ref().map(|name| [AVATARS, name].concat())
}

fn with_totp(screen: Screen, account: &Account) -> Screen {
    let password = || Field::new("password", i18n::password(), FieldKind::Password { new: false }).required();
    match &account.totp {
        SecondFactor::Off => {
            let asked = if account.is_recent { vec![Field::hidden("on", "on")] } else { vec![password()] };
            screen.with(Block::Text(i18n::factor_off().into())).with(Block::Form(Form::new(
                BEGIN,
                i18n::turn_on(),
                asked,
            )))
        }
        SecondFactor::Begun { typed } => {
            let code = Field::new("code", i18n::code(), FieldKind::OneTimeCode).required();
            screen
                .with(Block::Text(i18n::scan().into()))
                .with(Block::Image("/account/totp.svg".into(), i18n::totp_qr_code().into()))
                .with(Block::Code(typed.clone()))
                .with(Block::Form(Form::new(CONFIRM, i18n::confirm(), vec![code])))
        }
        SecondFactor::On { codes_left, .. } => screen
            .with(Block::Notice(Tone::Good, i18n::fill(i18n::factor_on(), &codes_left.to_string())))
            .with(Block::Form(Form::new(REMOVE, i18n::turn_off(), vec![password()]).irrevocable())),
    }
}

fn sign_ins(me: &Principal, all: Vec<SignInRecord>) -> Table {
    let row = |one: SignInRecord| {
        let end = Form::new("/account/sign-ins/end", i18n::end(), vec![Field::hidden("which", &hex(&one.hash))]);
        let last =
            if one.hash == me.session { Cell::Badge(Tone::Good, i18n::this_one().into()) } else { Cell::Form(end) };
        vec![user_agent::describe(&one.user_agent).into(), Cell::Time(one.created_at), Cell::Time(one.seen_at), last]
    };
    Table {
        heads: [i18n::browser(), i18n::since(), i18n::last_used(), ""].map(str::to_owned).to_vec(),
        rows: all.into_iter().map(row).collect(),
        empty: String::new(),
        more: None,
    }
}

/// Handles the account screen's forms.
pub(super) async fn submit(
    engine: &Engine,
    me: &Principal,
    what: &[&str],
    fields: &Fields,
) -> Result<FormOutcome, Refusal> {
    let (text, raw) = (|name| fields.text(name), |name| fields.raw(name));
    // Keep the current language if the submitted one is missing or unsupported.
    let language = Language::supported(text("language")).unwrap_or(me.language);
    let (done, to) = match what {
        [] => (engine.change_profile(me, text("name"), text("zone"), language).await, PATH),
        ["avatar"] => {
            let uploaded = fields.file("avatar").map(|file| file.bytes.clone()).unwrap_or_default();
            (engine.change_avatar(me, uploaded).await, AVATAR)
        }
        ["avatar", "remove"] => {
            engine.remove_avatar(me).await?;
            (Ok(()), PATH)
        }
        ["password"] => (engine.change_password(me, raw("old"), raw("new").to_owned()).await, PASSWORD),
        ["totp", "begin"] => (engine.begin_totp(me, raw("password")).await, BEGIN),
        ["totp", "remove"] => (engine.remove_totp(me, raw("password")).await, REMOVE),
        ["totp", "confirm"] => match engine.confirm_totp(me, text("code")).await {
            Ok(codes) => return Ok(recovery_codes_screen(&codes)),
            Err(error) => (Err(error), CONFIRM),
        },
        ["sign-ins", "end"] => {
            engine.end_sign_in(me, unhex(text("which")).ok_or(Refusal::NotFound)?).await?;
            (Ok(()), PATH)
        }
        ["sign-ins", "others"] => {
            engine.end_other_sign_ins(me).await?;
            (Ok(()), PATH)
        }
        _ => return Err(Refusal::NotFound),
    };
    match done {
        Ok(()) if what.is_empty() && language != me.language => Ok(FormOutcome::saved_and_reload(PATH)),
        Ok(()) => Ok(FormOutcome::saved(PATH)),
        Err(error) => with_errors(fields, show(engine, me).await?, to, error),
    }
}

/// Shows the recovery codes. This is the only time they are shown.
fn recovery_codes_screen(codes: &[String]) -> FormOutcome {
    FormOutcome::Render(
        Screen::new(i18n::recovery(), i18n::recovery_lead())
            .with(Block::Code(codes.join("\n")))
            .with(Block::Links(vec![Cell::Link(protocol::screen::Link::new(PATH, i18n::account()))])),
    )
}

fn hex(bytes: &[u8; 32]) -> String {
    bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(at * 2..at * 2 + 2)?, 16).ok()?;
    }
    Some(bytes)
}
