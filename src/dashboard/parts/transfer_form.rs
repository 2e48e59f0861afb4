//! The form for transferring a chat to an agent or a team, with an internal note.

use leptos::{prelude::*, task::spawn_local};
use protocol::{
    agent::{Role, TeamCard},
    availability::Colleague,
    id::{AgentId, ChatId},
};

use crate::dashboard::{
    actions,
    api::{self, HandOverTarget},
    app_state::AppState,
    focus, i18n,
    live::Live,
};

/// The transfer button and the dialog that it opens.
#[component]
pub fn HandOver(
    /// The chat.
    chat: ChatId,
    /// The chat's current agent.
    owner: AgentId,
) -> impl IntoView {
    let open = RwSignal::new(false);
    view! {
        <div class="hand-over">
            <button
                type="button"
                class="button quiet"
                aria-expanded=move || open.get().to_string()
                on:click=move |_| open.update(|open| *open = !*open)
            >
                {i18n::hand_over()}
            </button>
            <Show when=move || open.get()>
                <HandOverDialog chat owner open />
            </Show>
        </div>
    }
}

// The value is `a` for an agent or `t` for a team, followed by the ID.
fn chosen(value: &str, insist: bool) -> Option<HandOverTarget> {
    let id = value.get(1..)?;
    Some(match value.get(..1)? {
        "t" => HandOverTarget::Team(id.parse().ok()?),
        _ if insist => HandOverTarget::Insisting(id.parse().ok()?),
        _ => HandOverTarget::Agent(id.parse().ok()?),
    })
}

fn agent_option(app: AppState, one: &Colleague) -> AnyView {
    let state = match one.availability.is_available() {
        true => i18n::fill(i18n::chats(), &one.chats.to_string()),
        false => i18n::availability_of(&one.availability),
    };
    view! { <option value=format!("a{}", one.agent)>{app.agent_name(one.agent)} " · " {state}</option> }.into_any()
}

#[component]
fn HandOverDialog(chat: ChatId, owner: AgentId, open: RwSignal<bool>) -> impl IntoView {
    let app = Live::from_context().app;
    let (to, note) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (insist, sending) = (RwSignal::new(false), RwSignal::new(false));
    focus::restore_on_cleanup(".hand-over");
    Effect::new(move |_| focus::focus_next_frame(".hand-over select".into()));
    // Untracked, because the options must not change while the agent is choosing.
    let agents = untrack(|| app.colleagues.get()).into_iter().filter(|one| one.agent != owner);
    let agents = agents.map(|one| untrack(|| agent_option(app, &one))).collect_view();
    let teams = app.directory.with_untracked(|directory| directory.teams.clone());
    let team = |team: TeamCard| view! { <option value=format!("t{}", team.id)>{team.name}</option> };
    let submitted = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some(to) = chosen(&to.get_untracked(), insist.get_untracked()).filter(|_| !sending.get_untracked()) else {
            return;
        };
        sending.set(true);
        spawn_local(async move {
            match api::hand_over(chat, owner, to, note.get_untracked()).await {
                Ok(()) => drop(open.try_set(false)),
                Err(error) => actions::report_error(app, &error),
            }
            sending.try_set(false);
        });
    };
    let pressed = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Escape" {
            event.stop_propagation();
            open.set(false);
        }
    };
    let may_insist = untrack(|| app.role()) >= Role::Supervisor;
    let insisting = move || {
        view! {
            <label><input type="checkbox" on:change=move |event| insist.set(event_target_checked(&event)) /> {i18n::insist()}</label>
        }
    };
    view! {
        <form class="small-dialog" role="dialog" aria-label=i18n::hand_over() on:submit=submitted on:keydown=pressed>
            <select aria-label=i18n::hand_over_to() on:change=move |event| to.set(event_target_value(&event))>
                <option value="">{i18n::hand_over_to()} " …"</option>
                <optgroup label=i18n::agents()>{agents}</optgroup>
                <optgroup label=i18n::teams()>{teams.into_iter().map(team).collect_view()}</optgroup>
            </select>
            <textarea
                dir="auto"
                rows="3"
                placeholder=i18n::note_for_agents()
                aria-label=i18n::note_for_agents()
                prop:value=move || note.get()
                on:input=move |event| note.set(event_target_value(&event))
            ></textarea>
            {may_insist.then(insisting)}
            <button
                type="submit"
                class="primary"
                disabled=move || to.with(String::is_empty)
                aria-busy=move || sending.get().to_string()
            >
                {i18n::hand_over()}
            </button>
        </form>
    }
}
