//! Renders form fields.

use leptos::prelude::*;
use protocol::screen::{Field, FieldKind};

/// Renders a field's label and input, with the error and the hint below them.
pub(super) fn field(form: &str, field: Field) -> AnyView {
    let Field { name, label, hint, value, error, required, kind } = field;
    if kind == FieldKind::Hidden {
        return view! { <input type="hidden" name=name value=value /> }.into_any();
    }
    let id = format!("{form}-{name}");
    let (is_group, is_switch, wrong) =
        (matches!(kind, FieldKind::MultiChoice(_)), kind == FieldKind::Switch, !error.is_empty());
    let attributes = InputAttributes { description_id: format!("{id}-told"), id: id.clone(), name, required, wrong };
    let description_id = attributes.description_id.clone();
    let input = match kind {
        FieldKind::Lines(rows) => lines(attributes, value, rows),
        FieldKind::Choice(choices) => choice(attributes, &value, choices),
        FieldKind::MultiChoice(choices) => many(attributes, &label, &value, choices),
        kind => line(attributes, value, kind),
    };
    let label = match is_group {
        true => view! { <span class="label">{label}</span> }.into_any(),
        false => view! { <label for=id>{label}</label> }.into_any(),
    };
    let error = wrong.then(|| view! { <span class="trouble">{error} " "</span> });
    view! {
        <div class="field" class:switch=is_switch class:wrong=wrong>
            {label}
            {input}
            <small id=description_id>{error} {hint}</small>
        </div>
    }
    .into_any()
}

/// The attributes shared by all inputs.
struct InputAttributes {
    id: String,
    description_id: String,
    name: String,
    required: bool,
    wrong: bool,
}

impl InputAttributes {
    fn invalid(&self) -> Option<&'static str> {
        self.wrong.then_some("true")
    }
}

fn lines(attributes: InputAttributes, value: String, rows: u8) -> AnyView {
    let invalid = attributes.invalid();
    let InputAttributes { id, description_id, name, required, .. } = attributes;
    view! {
        <textarea id=id name=name rows=rows.to_string() required=required aria-invalid=invalid aria-describedby=description_id>
            {value}
        </textarea>
    }
    .into_any()
}

fn choice(attributes: InputAttributes, value: &str, choices: Vec<(String, String)>) -> AnyView {
    let invalid = attributes.invalid();
    let InputAttributes { id, description_id, name, .. } = attributes;
    let choice = |(one, words): (String, String)| {
        let chosen = one == value;
        view! { <option value=one selected=chosen>{words}</option> }
    };
    let choices = choices.into_iter().map(choice).collect_view();
    view! { <select id=id name=name aria-invalid=invalid aria-describedby=description_id>{choices}</select> }.into_any()
}

fn many(attributes: InputAttributes, label: &str, value: &str, choices: Vec<(String, String)>) -> AnyView {
    let InputAttributes { id, description_id, name, .. } = attributes;
    let choice = |(one, words): (String, String)| {
        let chosen = value.lines().any(|line| line == one);
        view! { <label><input type="checkbox" name=name.clone() value=one checked=chosen /> {words}</label> }
    };
    let choices = choices.into_iter().map(choice).collect_view();
    view! { <div class="many" role="group" id=id aria-label=label.to_owned() aria-describedby=description_id>{choices}</div> }
        .into_any()
}

fn line(attributes: InputAttributes, value: String, kind: FieldKind) -> AnyView {
    let invalid = attributes.invalid();
    let (sort, complete) = match &kind {
        FieldKind::Email => ("email", "email"),
        FieldKind::Password { new: true } => ("password", "new-password"),
        FieldKind::Password { new: false } => ("password", "current-password"),
        FieldKind::OneTimeCode => ("text", "one-time-code"),
        FieldKind::Number(..) => ("number", "off"),
        FieldKind::Switch => ("checkbox", "off"),
        FieldKind::Color => ("color", "off"),
        FieldKind::Date => ("date", "off"),
        FieldKind::Time => ("time", "off"),
        FieldKind::File(_) => ("file", "off"),
        _ => ("text", "off"),
    };
    let (mut least, mut most, mut accept, mut suggested) = (None, None, None, Vec::new());
    match kind {
        FieldKind::Number(from, to) => (least, most) = (Some(from.to_string()), Some(to.to_string())),
        FieldKind::File(types) => accept = Some(types),
        FieldKind::Suggested(words) => suggested = words,
        _ => {}
    }
    let InputAttributes { id, description_id, name, required, .. } = attributes;
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
            aria-describedby=description_id
        />
        {options}
    }
    .into_any()
}
