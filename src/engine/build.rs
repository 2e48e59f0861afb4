//! Generates the list of embedded migrations: one `const` per database, ordered by migration number.
//!
//! sqlx provides a macro for this, but using it would compile both database drivers a second time for the host.

use std::{env, error::Error, fmt::Write as _, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=store/migrations");
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("store/migrations");
    let lists = list("SQLITE", &folder)? + &list("POSTGRES", &folder.join("postgres"))?;
    Ok(fs::write(Path::new(&env::var("OUT_DIR")?).join("migrations.rs"), lists)?)
}

/// Generates `const NAME: &[(i64, &str, &str)]` with the number, name, and SQL of each `NUMBER_NAME.sql` file in the
/// directory.
fn list(name: &str, folder: &Path) -> Result<String, Box<dyn Error>> {
    let mut migrations = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|end| end == "sql") {
            let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
            let (number, what) =
                stem.split_once('_').ok_or_else(|| format!("{} is not named NUMBER_NAME.sql", path.display()))?;
            migrations.push((number.parse::<i64>()?, what.replace('_', " "), path));
        }
    }
    migrations.sort();
    let mut list = format!("pub(super) const {name}: &[(i64, &str, &str)] = &[\n");
    for (number, what, path) in migrations {
        writeln!(list, "    ({number}, {what:?}, include_str!({path:?})),")?;
    }
    Ok(list + "];\n")
}
