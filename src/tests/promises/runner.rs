//! Runs a single trial of a promise with a given seed and writes the result to a file.

use std::{future::Future, pin::Pin, time::Instant};

use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;

use crate::{
    abusive_clients, access_revocation, backup, disk_full, existing_tests, long_chat, message_order, power_failure,
    process_kill, reconnect, server_restart, slow_uploads, tenant_isolation,
};

/// Measurements, keyed by name.
pub(crate) type Measurements = Map<String, Value>;

/// The outcome of a trial: its measurements, or the reason why the promise was broken.
pub(crate) type TrialResult = anyhow::Result<Measurements>;

type TrialFunction = fn(TrialSettings) -> Pin<Box<dyn Future<Output = TrialResult>>>;

/// A guarantee that customers can rely on (see `docs/guarantees.md`).
pub(crate) struct Promise {
    pub(crate) number: &'static str,
    pub(crate) statement: &'static str,
    how: TrialMethod,
}

enum TrialMethod {
    /// Tested here by injecting a fault.
    Fault(TrialFunction),
    /// Tested by existing tests, which are run again.
    OtherTests(&'static [&'static [&'static str]]),
    /// Tested in a real browser. Requires a release build.
    InABrowser(&'static [&'static [&'static str]]),
    /// Not tested, for the given reason.
    NotBuilt(&'static str),
}

impl Promise {
    /// Returns the name of the test, such as `promise_01_a_message_with_a_tick_is_never_lost`.
    pub(crate) fn name(&self) -> String {
        let words = self.statement.split([',', ':']).next().unwrap_or_default().to_lowercase();
        let words: Vec<&str> =
            words.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        format!("promise_{}_{}", self.number, words.join("_"))
    }

    /// Returns whether a plain `cargo test` runs the trial. Existing tests are already part of that run.
    pub(crate) fn is_tried_by_default(&self) -> bool {
        matches!(self.how, TrialMethod::Fault(_) | TrialMethod::NotBuilt(_))
    }
}

macro_rules! fault {
    ($($trying:tt)+) => {
        TrialMethod::Fault(|trial| Box::pin($($trying)+(trial)))
    };
}

/// All promises, numbered as in `docs/guarantees.md`.
pub(crate) const PROMISES: &[Promise] = &[
    Promise {
        number: "01",
        statement: "A message with a tick is never lost, even if the process is killed.",
        how: fault!(process_kill::check),
    },
    Promise {
        number: "02",
        statement: "A message with a tick survives a power failure: it is synced to disk before the tick.",
        how: fault!(power_failure::check),
    },
    Promise {
        number: "03",
        statement: "You see each message once, in order, on every screen.",
        how: fault!(message_order::check),
    },
    Promise {
        number: "04",
        statement: "A lost connection recovers by itself, and nothing is missed.",
        how: fault!(reconnect::check),
    },
    Promise { number: "05", statement: "An update does not interrupt chats.", how: fault!(server_restart::check) },
    Promise {
        number: "06",
        statement: "One bad visitor cannot slow down the others.",
        how: fault!(abusive_clients::check),
    },
    Promise {
        number: "07",
        statement: "Nobody sees another customer's conversation.",
        how: fault!(tenant_isolation::check),
    },
    Promise {
        number: "08",
        statement: "Text from visitors is never executed.",
        how: TrialMethod::InABrowser(&[
            &["cargo", "test", "--workspace", "--test", "stories", "bad_input::a_metadata"],
            &["cargo", "test", "--workspace", "--test", "stories", "bad_input::b_messages"],
            &["cargo", "test", "--workspace", "--test", "stories", "architecture::"],
            &[
                "npx",
                "playwright",
                "test",
                "stories/bad-input.spec.ts",
                "stories/pasted-text.spec.ts",
                "stories/content-security-policy.spec.ts",
            ],
        ]),
    },
    Promise {
        number: "09",
        statement: "The chat can never break your page.",
        how: TrialMethod::InABrowser(&[&[
            "npx",
            "playwright",
            "test",
            "stories/host-page.spec.ts",
            "stories/hostile-page.spec.ts",
        ]]),
    },
    Promise {
        number: "10",
        statement: "A full disk is reported, and the server recovers.",
        how: fault!(disk_full::check),
    },
    Promise {
        number: "11",
        statement: "Chats continue when a node fails.",
        how: TrialMethod::NotBuilt("the server is a single process; clustering is not implemented"),
    },
    Promise { number: "12", statement: "Your backup can be restored.", how: fault!(backup::check) },
    Promise {
        number: "13",
        statement: "An upgrade cannot destroy data.",
        how: TrialMethod::OtherTests(&[&["cargo", "test", "-p", "engine", "store::tests::migrations"]]),
    },
    Promise {
        number: "14",
        statement: "Deleted data is gone, and private data stays private.",
        how: TrialMethod::OtherTests(&[
            &["cargo", "test", "-p", "engine", "store::tests::retention"],
            &["cargo", "test", "--workspace", "--test", "stories", "stories::history"],
            &["cargo", "test", "--workspace", "--test", "stories", "stories::invitation_policy"],
        ]),
    },
    Promise { number: "15", statement: "Access ends immediately.", how: fault!(access_revocation::check) },
    Promise { number: "16", statement: "A long chat opens.", how: fault!(long_chat::check) },
    Promise {
        number: "17",
        statement: "A slow upload cannot keep others from sending files.",
        how: fault!(slow_uploads::check),
    },
];

/// The amount of work done in a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    /// Takes only seconds, so it can be part of every test run.
    Small,
    /// Takes minutes to an hour and uses the amounts given in `docs/guarantees.md`.
    Full,
}

/// The parameters of a trial.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TrialSettings {
    pub(crate) seed: u64,
    pub(crate) size: Size,
}

impl TrialSettings {
    /// Returns `small` or `full`, depending on the trial's size.
    pub(crate) fn pick<T>(self, small: T, full: T) -> T {
        if self.size == Size::Full { full } else { small }
    }

    /// Runs the trial, prints its result, and writes the result to a file. Returns whether the promise was kept.
    pub(crate) fn run(self, promise: &Promise, runtime: &Runtime) -> bool {
        let began = Instant::now();
        let ended = match &promise.how {
            TrialMethod::Fault(trying) => runtime.block_on(trying(self)),
            TrialMethod::OtherTests(commands) => existing_tests::run(commands, "."),
            TrialMethod::InABrowser(commands) => existing_tests::run(commands, "end2end"),
            TrialMethod::NotBuilt(why) => Ok(Map::from_iter([("not_applicable".to_owned(), json!(why))])),
        };
        let seconds = (began.elapsed().as_secs_f64() * 10.0).round() / 10.0;
        let (kept, measurements, why) = match ended {
            Ok(measurements) => (true, measurements, None),
            Err(error) => (false, Map::new(), Some(format!("{error:#}"))),
        };
        let measurement_texts: Vec<_> = measurements.iter().map(|(name, value)| format!("{name} {value}")).collect();
        let verdict = if kept { "kept" } else { "BROKEN" };
        println!("    {verdict} with seed {} in {seconds} s: {}", self.seed, measurement_texts.join(", "));
        if let Some(why) = &why {
            println!("    {why}");
        }
        let written = json!({
            "promise": promise.number, "says": promise.statement, "seed": self.seed, "size": format!("{:?}", self.size),
            "kept": kept, "why": why, "measurements": measurements, "seconds": seconds,
        });
        write_down(promise.number, &written);
        kept
    }
}

fn write_down(number: &str, result: &Value) {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("promises");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(format!("promise-{number}.json")), format!("{result:#}\n")).unwrap();
}

/// Returns the given percentile using the nearest-rank method. Sorts the slice in place.
pub(crate) fn percentile(values: &mut [f64], percent: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let place = (values.len() as f64 * percent / 100.0).ceil() as usize;
    values.get(place.saturating_sub(1)).copied().unwrap_or_default()
}

/// Builds [`Measurements`] from name–value pairs.
macro_rules! measurements {
    ($($name:literal: $value:expr),+ $(,)?) => {
        serde_json::Map::from_iter([$(($name.to_owned(), serde_json::json!($value))),+])
    };
}
pub(crate) use measurements;
