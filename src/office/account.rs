//! One's own account: what others see of one, and how one signs in.

use std::fmt::Write as _;

use engine::{
    Engine, Principal, browser, opening,
    people::{Account, SecondFactor},
    store::{PersonRecord, SignInRecord},
};
use protocol::{
    agent::PICTURES,
    refusal::Refusal,
    sheet::{Block, Cell, Field, Form, Kind, Sheet, Table, Tone},
    words::Language,
};

use super::{Done, concierges, fields::Fields, told, words};

const HERE: &str = "/account";
const PICTURE: &str = "/account/picture";
const PASSWORD: &str = "/account/password";
const BEGIN: &str = "/account/factor/begin";
const CONFIRM: &str = "/account/factor/confirm";
const REMOVE: &str = "/account/factor/remove";

/// All of it.
pub(super) async fn show(engine: &Engine, me: &Principal) -> Result<Sheet, Refusal> {
    let account = engine.account(me).await?;
    let person = &account.person;
    let profile = vec![
        Field::new("name", words::name(), Kind::Line).value(&person.name).required(),
        Field::new("zone", words::your_zone(), Kind::Suggested(opening::zones()))
            .value(person.zone.as_deref().unwrap_or_default())
            .hint(words::your_zone_hint()),
        Field::new("language", words::language(), concierges::languages()).value(person.language.tag()),
    ];
    let kinds = Kind::File("image/png,image/jpeg,image/webp".into());
    let picture = vec![Field::new("picture", words::new_picture(), kinds).hint(words::picture_hint()).required()];
    let password = vec![
        Field::new("old", words::old_password(), Kind::Password { new: false }).required(),
        Field::new("new", words::new_password(), Kind::Password { new: true }).hint(words::password_hint()).required(),
    ];
    let sheet = Sheet::new(words::account(), words::account_lead())
        .with(Block::Form(Form::new(HERE, words::save(), profile)))
        .with(Block::Heading(words::picture().into()))
        .with(Block::Ways(portrait(person)))
        .with(Block::Form(Form::new(PICTURE, words::upload(), picture)))
        .with(Block::Heading(words::password().into()))
        .with(Block::Text(words::password_change_hint().into()))
        .with(Block::Form(Form::new(PASSWORD, words::change_password(), password)))
        .with(Block::Heading(words::factor().into()));
    let sheet = with_factor(sheet, &account);
    let end_others = Form::new("/account/sign-ins/others", words::end_others(), vec![Field::hidden("others", "on")]);
    Ok(sheet
        .with(Block::Heading(words::sign_ins().into()))
        .with(Block::Table(sign_ins(me, account.sign_ins)))
        .with(Block::Ways(vec![Cell::Form(end_others)])))
}

/// One's picture, and the way to be without.
fn portrait(person: &PersonRecord) -> Vec<Cell> {
    let Some(address) = picture_address(person) else { return vec![words::no_picture().into()] };
    let remove = Form::new("/account/picture/remove", words::remove(), vec![Field::hidden("remove", "on")]);
    vec![Cell::Face(address), Cell::Form(remove)]
}

/// Where somebody's picture is, when he has one.
pub(super) fn picture_address(person: &PersonRecord) -> Option<String> {
    person.picture.as_ref().map(|name| [PICTURES, name].concat())
}

fn with_factor(sheet: Sheet, account: &Account) -> Sheet {
    let password = || Field::new("password", words::password(), Kind::Password { new: false }).required();
    match &account.factor {
        SecondFactor::Off => {
            let asked = if account.is_recent { vec![Field::hidden("on", "on")] } else { vec![password()] };
            sheet.with(Block::Text(words::factor_off().into())).with(Block::Form(Form::new(
                BEGIN,
                words::turn_on(),
                asked,
            )))
        }
        SecondFactor::Begun { typed } => {
            let code = Field::new("code", words::code(), Kind::OneTimeCode).required();
            sheet
                .with(Block::Text(words::scan().into()))
                .with(Block::Picture("/account/factor.svg".into(), words::factor_picture().into()))
                .with(Block::Code(typed.clone()))
                .with(Block::Form(Form::new(CONFIRM, words::confirm(), vec![code])))
        }
        SecondFactor::On { codes_left, .. } => sheet
            .with(Block::Notice(Tone::Good, words::fill(words::factor_on(), &codes_left.to_string())))
            .with(Block::Form(Form::new(REMOVE, words::turn_off(), vec![password()]).irrevocable())),
    }
}

fn sign_ins(me: &Principal, all: Vec<SignInRecord>) -> Table {
    let row = |one: SignInRecord| {
        let end = Form::new("/account/sign-ins/end", words::end(), vec![Field::hidden("which", &hex(&one.hash))]);
        let last =
            if one.hash == me.session { Cell::Badge(Tone::Good, words::this_one().into()) } else { Cell::Form(end) };
        vec![browser::describe(&one.user_agent).into(), Cell::Time(one.created_at), Cell::Time(one.seen_at), last]
    };
    Table {
        heads: [words::browser(), words::since(), words::last_used(), ""].map(str::to_owned).to_vec(),
        rows: all.into_iter().map(row).collect(),
        empty: String::new(),
        more: None,
    }
}

/// Does what one asks of one's own account.
pub(super) async fn submit(engine: &Engine, me: &Principal, what: &[&str], fields: &Fields) -> Result<Done, Refusal> {
    let (text, raw) = (|name| fields.text(name), |name| fields.raw(name));
    // What does not stand in the form, or is none of ours, stays as it was.
    let language = Language::known(text("language")).unwrap_or(me.language);
    let (done, to) = match what {
        [] => (engine.change_profile(me, text("name"), text("zone"), language).await, HERE),
        ["picture"] => {
            let uploaded = fields.file("picture").map(|file| file.bytes.clone()).unwrap_or_default();
            (engine.change_picture(me, uploaded).await, PICTURE)
        }
        ["picture", "remove"] => {
            engine.remove_picture(me).await?;
            (Ok(()), HERE)
        }
        ["password"] => (engine.change_password(me, raw("old"), raw("new").to_owned()).await, PASSWORD),
        ["factor", "begin"] => (engine.begin_factor(me, raw("password")).await, BEGIN),
        ["factor", "remove"] => (engine.remove_factor(me, raw("password")).await, REMOVE),
        ["factor", "confirm"] => match engine.confirm_factor(me, text("code")).await {
            Ok(codes) => return Ok(recovery(&codes)),
            Err(trouble) => (Err(trouble), CONFIRM),
        },
        ["sign-ins", "end"] => {
            engine.end_sign_in(me, unhex(text("which")).ok_or(Refusal::NotFound)?).await?;
            (Ok(()), HERE)
        }
        ["sign-ins", "others"] => {
            engine.end_other_sign_ins(me).await?;
            (Ok(()), HERE)
        }
        _ => return Err(Refusal::NotFound),
    };
    match done {
        Ok(()) if what.is_empty() && language != me.language => Ok(Done::saved_anew(HERE)),
        Ok(()) => Ok(Done::saved(HERE)),
        Err(trouble) => told(fields, show(engine, me).await?, to, trouble),
    }
}

/// The recovery codes, this once.
fn recovery(codes: &[String]) -> Done {
    Done::Again(
        Sheet::new(words::recovery(), words::recovery_lead())
            .with(Block::Code(codes.join("\n")))
            .with(Block::Ways(vec![Cell::Link(protocol::sheet::Link::new(HERE, words::account()))])),
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
