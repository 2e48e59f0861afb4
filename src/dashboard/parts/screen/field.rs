//! One thing to fill in.

use leptos::prelude::*;
use protocol::screen::{Field, Kind};

/// Its label, itself, and below it what is wrong with it and its hint.
pub(super) fn field(form: &str, field: Field) -> AnyView {
    let Field { name, label, hint, value, trouble, required, kind } = field;
    if kind == Kind::Hidden {
        return view! { <input type="hidden" name=name value=value /> }.into_any();
    }
    let id = format!("{form}-{name}");
    let (is_group, is_switch, wrong) = (matches!(kind, Kind::Many(_)), kind == Kind::Switch, !trouble.is_empty());
    let around = Around { told: format!("{id}-told"), id: id.clone(), name, required, wrong };
    let told = around.told.clone();
    let input = match kind {
        Kind::Lines(rows) => lines(around, value, rows),
        Kind::Choice(choices) => choice(around, &value, choices),
        Kind::Many(choices) => many(around, &label, &value, choices),
        kind => line(around, value, kind),
    };
    let label = match is_group {
        true => view! { <span class="label">{label}</span> }.into_any(),
        false => view! { <label for=id>{label}</label> }.into_any(),
    };
    let trouble = wrong.then(|| view! { <span class="trouble">{trouble} " "</span> });
    view! {
        <div class="field" class:switch=is_switch class:wrong=wrong>
            {label}
            {input}
            <small id=told>{trouble} {hint}</small>
        </div>
    }
    .into_any()
}

/// What every input carries.
struct Around {
    id: String,
    told: String,
    name: String,
    required: bool,
    wrong: bool,
}

impl Around {
    fn invalid(&self) -> Option<&'static str> {
        self.wrong.then_some("true")
    }
}

fn lines(around: Around, value: String, rows: u8) -> AnyView {
    let invalid = around.invalid();
    let Around { id, told, name, required, .. } = around;
    view! {
        <textarea id=id name=name rows=rows.to_string() required=required aria-invalid=invalid aria-describedby=told>
            {value}
        </textarea>
    }
    .into_any()
}

fn choice(around: Around, value: &str, choices: Vec<(String, String)>) -> AnyView {
    let invalid = around.invalid();
    let Around { id, told, name, .. } = around;
    let choice = |(one, words): (String, String)| {
        let chosen = one == value;
        view! { <option value=one selected=chosen>{words}</option> }
    };
    let choices = choices.into_iter().map(choice).collect_view();
    view! { <select id=id name=name aria-invalid=invalid aria-describedby=told>{choices}</select> }.into_any()
}

fn many(around: Around, label: &str, value: &str, choices: Vec<(String, String)>) -> AnyView {
    let Around { id, told, name, .. } = around;
    let choice = |(one, words): (String, String)| {
        let chosen = value.lines().any(|line| line == one);
        view! { <label><input type="checkbox" name=name.clone() value=one checked=chosen /> {words}</label> }
    };
    let choices = choices.into_iter().map(choice).collect_view();
    view! { <div class="many" role="group" id=id aria-label=label.to_owned() aria-describedby=told>{choices}</div> }
        .into_any()
}

fn line(around: Around, value: String, kind: Kind) -> AnyView {
    let invalid = around.invalid();
    let (sort, complete) = match &kind {
        Kind::Email => ("email", "email"),
        Kind::Password { new: true } => ("password", "new-password"),
        Kind::Password { new: false } => ("password", "current-password"),
        Kind::OneTimeCode => ("text", "one-time-code"),
        Kind::Number(..) => ("number", "off"),
        Kind::Switch => ("checkbox", "off"),
        Kind::Color => ("color", "off"),
        Kind::Date => ("date", "off"),
        Kind::Time => ("time", "off"),
        Kind::File(_) => ("file", "off"),
        _ => ("text", "off"),
    };
    let (mut least, mut most, mut accept, mut suggested) = (None, None, None, Vec::new());
    match kind {
        Kind::Number(from, to) => (least, most) = (Some(from.to_string()), Some(to.to_string())),
        Kind::File(types) => accept = Some(types),
        Kind::Suggested(words) => suggested = words,
        _ => {}
    }
    let Around { id, told, name, required, .. } = around;
    let list = (!suggested.is_empty()).then(|| format!("{id}-list"));
    let options = list.clone().map(|list| {
        let options = suggested.into_iter().map(|one| view! { <option value=one></option> }).collect_view();
        view! { <datalist id=list>{options}</datalist> }
    });
    let is_on = sort == "checkbox" && value == "on";
    let value = if sort == "checkbox" { "on".to_owned() } else { value };
    view! {
        <input
            type=sort
            id=id
            name=name
            value=value
            checked=is_on
            autocomplete=complete
            required=required
            min=least
            max=most
            accept=accept
            list=list
            aria-invalid=invalid
            aria-describedby=told
        />
        {options}
    }
    .into_any()
}
