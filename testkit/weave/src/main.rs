//! Tries every mutant that cargo-mutants knows of a crate, without building the crate once for each of them: all are
//! woven into one program, which asks the environment which of them it is to be.
//!
//! ```text
//! weave LIST TREE RESULTS [NUMBER…]
//! ```
//!
//! LIST is what `cargo mutants --list --json` says, TREE a copy of the workspace that is written to. RESULTS gets a
//! line for each mutant and is read first: what is in it is not tried again.

mod trial;
mod woven;

use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::{Path, PathBuf};

pub type Fallible<T> = Result<T, Box<dyn Error>>;

#[derive(Deserialize)]
pub struct Mutant {
    pub file: String,
    pub name: String,
    pub genre: String,
    pub replacement: String,
    pub span: Span,
    pub function: Option<Function>,
}

#[derive(Deserialize)]
pub struct Span {
    pub start: Place,
    pub end: Place,
}

/// Counted from 1.
#[derive(Clone, Copy, Deserialize)]
pub struct Place {
    pub line: usize,
    pub column: usize,
}

#[derive(Deserialize)]
pub struct Function {
    pub return_type: String,
}

fn main() -> Fallible<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [list, tree, results, chosen @ ..] = &args[..] else {
        return Err("weave LIST TREE RESULTS [NUMBER…]".into());
    };
    let mutants: Vec<Mutant> = serde_json::from_str(&std::fs::read_to_string(list)?)?;
    let chosen = chosen.iter().map(|number| number.parse()).collect::<Result<BTreeSet<usize>, _>>()?;
    let tree = Tree::of(PathBuf::from(tree), &mutants)?;
    let unviable = tree.weave_what_compiles(&mutants)?;
    let program = trial::build(&tree.root)?;
    trial::run(&program, &tree.root, &mutants, &unviable, Path::new(results), &chosen)
}

struct Tree {
    root: PathBuf,
    /// The text of each file that has mutants.
    files: BTreeMap<String, String>,
}

impl Tree {
    fn of(root: PathBuf, mutants: &[Mutant]) -> Fallible<Self> {
        let names: BTreeSet<&String> = mutants.iter().map(|mutant| &mutant.file).collect();
        let read = |name: &String| std::fs::read_to_string(root.join(name)).map(|text| (name.clone(), text));
        let files = names.into_iter().map(read).collect::<Result<_, _>>()?;
        Ok(Self { root, files })
    }

    /// Takes out whatever the compiler does not like, until it likes the rest. Returns the numbers of what it does not.
    fn weave_what_compiles(&self, mutants: &[Mutant]) -> Fallible<BTreeMap<usize, String>> {
        // Two ways out of one function with two opaque types would be one type too many.
        let opaque = |mutant: &Mutant| {
            mutant.genre == "FnValue"
                && mutant.function.as_ref().is_some_and(|function| function.return_type.contains("impl "))
        };
        let mut out: BTreeMap<usize, String> = (1..)
            .zip(mutants)
            .filter(|(_, mutant)| opaque(mutant))
            .map(|(number, _)| (number, "untried\tits type is opaque".to_owned()))
            .collect();
        loop {
            let alternatives = self.weave(mutants, &out)?;
            let complaints = trial::complaints(&self.root)?;
            if complaints.is_empty() {
                return Ok(out);
            }
            let known = out.len();
            for complaint in &complaints {
                let guilty = alternatives.iter().filter(|alternative| complaint.is_about(alternative));
                out.extend(
                    guilty
                        .map(|alternative| (alternative.number, format!("unviable\t{}", complaint.message))),
                );
            }
            if out.len() == known {
                return Err(format!("the woven program does not compile: {complaints:#?}").into());
            }
        }
    }

    fn weave(
        &self,
        mutants: &[Mutant],
        without: &BTreeMap<usize, String>,
    ) -> Fallible<Vec<woven::Alternative>> {
        let mut alternatives = Vec::new();
        for (file, text) in &self.files {
            let these =
                (1..).zip(mutants).filter(|(number, m)| m.file == *file && !without.contains_key(number));
            let (woven, found) = woven::weave(file, text, these)?;
            std::fs::write(self.root.join(file), woven)?;
            alternatives.extend(found);
        }
        Ok(alternatives)
    }
}
