//! Weaving: where a mutant would change the text, the text asks which mutant it is to be.

use crate::{Fallible, Mutant, Place};
use proc_macro2::LineColumn;
use std::cmp::Reverse;
use std::iter::Peekable;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

const WHICH: &str = "crate::mutant::active()";

/// Where in the woven text a mutant's own text lies.
pub struct Alternative {
    pub number: usize,
    pub file: String,
    pub from: usize,
    pub to: usize,
}

enum Part {
    Plain(String),
    Mutant(usize, String),
}

/// What stands before and after a range of the text; `drop` leaves the range out.
struct Layer {
    from: usize,
    to: usize,
    before: Vec<Part>,
    after: &'static str,
    drop: bool,
}

struct Known<'a> {
    number: usize,
    mutant: &'a Mutant,
    from: usize,
    to: usize,
}

struct Weaver<'a> {
    text: &'a str,
    lines: Vec<usize>,
    known: Vec<Known<'a>>,
    layers: Vec<Layer>,
    woven: usize,
}

/// The woven text, and where in it each mutant is.
pub fn weave<'a>(
    file: &str,
    text: &'a str,
    mutants: impl Iterator<Item = (usize, &'a Mutant)>,
) -> Fallible<(String, Vec<Alternative>)> {
    let mut lines = vec![0];
    lines.extend(text.match_indices('\n').map(|(at, _)| at + 1));
    let mut weaver = Weaver { text, lines, known: Vec::new(), layers: Vec::new(), woven: 0 };
    for (number, mutant) in mutants {
        let (from, to) = (weaver.place(mutant.span.start), weaver.place(mutant.span.end));
        weaver.known.push(Known { number, mutant, from, to });
    }
    weaver.visit_file(&syn::parse_file(text)?);
    if weaver.woven != weaver.known.len() {
        return Err(format!("{file}: {} of {} mutants found", weaver.woven, weaver.known.len()).into());
    }
    weaver.layers.sort_by_key(|layer| (layer.from, Reverse(layer.to), layer.drop));
    let mut cloth = Cloth { file, text, out: String::new(), alternatives: Vec::new() };
    cloth.put(0, text.len(), &mut weaver.layers.iter().peekable());
    Ok((cloth.out, cloth.alternatives))
}

struct Cloth<'a> {
    file: &'a str,
    text: &'a str,
    out: String,
    alternatives: Vec<Alternative>,
}

impl Cloth<'_> {
    fn put<'l>(&mut self, from: usize, to: usize, layers: &mut Peekable<impl Iterator<Item = &'l Layer>>) {
        let mut at = from;
        while let Some(layer) = layers.next_if(|layer| layer.from >= from && layer.to <= to) {
            self.out.push_str(&self.text[at..layer.from]);
            at = layer.to;
            if layer.drop {
                continue;
            }
            layer.before.iter().for_each(|part| self.put_part(part));
            self.put(layer.from, layer.to, layers);
            self.out.push_str(layer.after);
        }
        self.out.push_str(&self.text[at..to]);
    }

    fn put_part(&mut self, part: &Part) {
        match part {
            Part::Plain(text) => self.out.push_str(text),
            Part::Mutant(number, text) => {
                let (from, file) = (self.out.len(), self.file.to_owned());
                self.out.push_str(text);
                self.alternatives.push(Alternative { number: *number, file, from, to: self.out.len() });
            }
        }
    }
}

impl<'a> Weaver<'a> {
    fn offset(&self, line: usize, column: usize) -> usize {
        let start = self.lines[line - 1];
        self.text[start..].char_indices().nth(column).map_or(self.text.len(), |(at, _)| start + at)
    }

    fn place(&self, place: Place) -> usize {
        self.offset(place.line, place.column - 1)
    }

    fn range(&self, of: &impl Spanned) -> (usize, usize) {
        let at = |place: LineColumn| self.offset(place.line, place.column);
        (at(of.span().start()), at(of.span().end()))
    }

    /// The mutants of this genre that begin here: number, replacement, range.
    fn take(&mut self, from: usize, genre: &str) -> Vec<(usize, &'a str, usize, usize)> {
        let here = self.known.iter().filter(|known| known.from == from && known.mutant.genre == genre);
        let found: Vec<_> = here
            .map(|known| (known.number, known.mutant.replacement.as_str(), known.from, known.to))
            .collect();
        self.woven += found.len();
        found
    }

    /// An expression that is one of the others if it is to be. Those are plain text: only one mutant is active at a time.
    fn choose(&mut self, (from, to): (usize, usize), others: Vec<(usize, String)>) {
        if others.is_empty() {
            return;
        }
        let mut before = vec![Part::Plain(format!("(match {WHICH} {{ "))];
        for (number, text) in others {
            before.push(Part::Plain(format!("{number} => {{ ")));
            before.push(Part::Mutant(number, text));
            before.push(Part::Plain(" } ".to_owned()));
        }
        before.push(Part::Plain("_ => { ".to_owned()));
        self.layers.push(Layer { from, to, before, after: " } })", drop: false });
    }

    /// A function that returns something else before it begins.
    fn function(&mut self, signature: &syn::Signature, block: &syn::Block) {
        // A const fn cannot ask which mutant it is to be.
        if let Some(token) = &signature.constness {
            let (from, to) = self.range(token);
            self.layers.push(Layer { from, to, before: Vec::new(), after: "", drop: true });
        }
        let (Some(first), Some(last)) = (block.stmts.first(), block.stmts.last()) else { return };
        let (from, to) = (self.range(first).0, self.range(last).1);
        let found = self.take(from, "FnValue");
        if found.is_empty() {
            return;
        }
        let mut before = vec![Part::Plain(format!("match {WHICH} {{ "))];
        for (number, replacement, ..) in found {
            before.push(Part::Plain(format!("{number} => return ")));
            before.push(Part::Mutant(number, replacement.to_owned()));
            before.push(Part::Plain(", ".to_owned()));
        }
        before.push(Part::Plain("_ => {} } ".to_owned()));
        self.layers.push(Layer { from, to, before, after: "", drop: false });
    }

    /// An arm that is not there: it never matches.
    fn delete_arm(&mut self, arm: &syn::Arm, number: usize) {
        let pattern_ends = self.range(&arm.pat).1;
        let (range, text, after) = match &arm.guard {
            None => ((pattern_ends, pattern_ends), format!(" if {WHICH} != {number}"), ""),
            Some((_, guard)) => (self.range(guard), format!("{WHICH} != {number} && ("), ")"),
        };
        let before = vec![Part::Plain(text)];
        self.layers.push(Layer { from: range.0, to: range.1, before, after, drop: false });
    }
}

fn has_let(expr: &syn::Expr) -> bool {
    match expr {
        syn::Expr::Let(_) => true,
        syn::Expr::Binary(both) => has_let(&both.left) || has_let(&both.right),
        _ => false,
    }
}

/// The operators of a chain, and what stands between them.
fn links<'e>(
    expr: &'e syn::ExprBinary,
    operators: &mut Vec<&'e syn::BinOp>,
    operands: &mut Vec<&'e syn::Expr>,
) {
    operators.push(&expr.op);
    for side in [&*expr.left, &*expr.right] {
        match side {
            syn::Expr::Binary(inner) => links(inner, operators, operands),
            operand => operands.push(operand),
        }
    }
}

impl<'ast> Visit<'ast> for Weaver<'_> {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.function(&item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.function(&item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    /// A chain of operators as a whole: another operator may bind its neighbours otherwise.
    fn visit_expr_binary(&mut self, expr: &'ast syn::ExprBinary) {
        // `let` chains only with `&&`, and not within parentheses.
        if has_let(&expr.left) || has_let(&expr.right) {
            return visit::visit_expr_binary(self, expr);
        }
        let (mut operators, mut operands) = (Vec::new(), Vec::new());
        links(expr, &mut operators, &mut operands);
        let (from, to) = self.range(expr);
        let mut others = Vec::new();
        for operator in operators {
            for (number, replacement, starts, ends) in self.take(self.range(operator).0, "BinaryOperator") {
                let (before, after) = (&self.text[from..starts], &self.text[ends..to]);
                others.push((number, format!("{before}{replacement}{after}")));
            }
        }
        self.choose((from, to), others);
        operands.into_iter().for_each(|operand| self.visit_expr(operand));
    }

    fn visit_expr_unary(&mut self, expr: &'ast syn::ExprUnary) {
        let (from, to) = self.range(expr);
        let found = self.take(from, "UnaryOperator").into_iter();
        let others = found.map(|(number, _, _, ends)| (number, self.text[ends..to].to_owned())).collect();
        self.choose((from, to), others);
        visit::visit_expr_unary(self, expr);
    }

    /// A match that misses an arm is complained about where it says what it matches.
    fn visit_expr_match(&mut self, expr: &'ast syn::ExprMatch) {
        let at = self.range(&expr.expr).0;
        let arms = expr.arms.iter().filter(|arm| arm.guard.is_none()).map(|arm| self.range(arm).0);
        let arms: Vec<usize> = arms.collect();
        let deleted = self.known.iter().filter(|k| k.mutant.genre == "MatchArm" && arms.contains(&k.from));
        let before: Vec<Part> = deleted.map(|known| Part::Mutant(known.number, String::new())).collect();
        self.layers.push(Layer { from: at, to: at, before, after: "", drop: false });
        visit::visit_expr_match(self, expr);
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        for (number, ..) in self.take(self.range(arm).0, "MatchArm") {
            self.delete_arm(arm, number);
        }
        if let Some((_, guard)) = &arm.guard
            && !has_let(guard)
        {
            let range = self.range(guard);
            let found = self.take(range.0, "MatchArmGuard").into_iter();
            let others = found.map(|(number, replacement, ..)| (number, replacement.to_owned())).collect();
            self.choose(range, others);
        }
        visit::visit_arm(self, arm);
    }

    fn visit_expr_struct(&mut self, expr: &'ast syn::ExprStruct) {
        let (from, to) = self.range(expr);
        let mut others = Vec::new();
        for field in &expr.fields {
            let found = self.take(self.range(field).0, "StructField").into_iter();
            others.extend(found.map(|(number, _, starts, ends)| {
                (number, format!("{}{}", &self.text[from..starts], &self.text[ends..to]))
            }));
        }
        self.choose((from, to), others);
        visit::visit_expr_struct(self, expr);
    }
}
