//! Lines over a logarithmic axis, as an SVG that needs nothing to be looked at.

use super::super::Failure;
use std::fmt::Write;
use std::path::Path;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 400.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 210.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 50.0;
const COLOURS: [&str; 8] =
    ["#1b6ca8", "#c2571a", "#2e7d32", "#7b3fa0", "#a8841b", "#b0255f", "#3d6b6b", "#555555"];

pub(super) struct Picture {
    pub(super) title: String,
    pub(super) across: String,
    pub(super) up: String,
    pub(super) lines: Vec<Line>,
}

pub(super) struct Line {
    name: String,
    /// Both above zero.
    pub(super) points: Vec<(f64, f64)>,
}

impl Line {
    pub(super) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), points: Vec::new() }
    }

    pub(super) fn is_called(&self, name: &str) -> bool {
        self.name == name
    }
}

/// The decades a logarithmic axis shows.
struct Axis {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Axis {
    fn over(values: impl Iterator<Item = f64> + Clone, from: f64, to: f64) -> Self {
        let low = values.clone().fold(f64::MAX, f64::min).max(1e-6).log10().floor();
        let high = values.fold(1e-6, f64::max).log10().ceil().max(low + 1.0);
        Self { low, high, from, to }
    }

    fn at(&self, value: f64) -> f64 {
        let share = (value.max(1e-6).log10() - self.low) / (self.high - self.low);
        self.from + share * (self.to - self.from)
    }

    fn decades(&self) -> impl Iterator<Item = f64> {
        (self.low as i32..=self.high as i32).map(|power| 10f64.powi(power))
    }
}

impl Picture {
    /// Nowhere, if there is no file.
    pub(super) fn save(&self, file: Option<&Path>) -> Result<(), Failure> {
        if let Some(file) = file {
            std::fs::write(file, self.svg()?)?;
        }
        Ok(())
    }

    fn svg(&self) -> Result<String, std::fmt::Error> {
        let points = self.lines.iter().flat_map(|line| line.points.iter());
        let across = Axis::over(points.clone().map(|p| p.0), LEFT, WIDTH - RIGHT);
        let up = Axis::over(points.map(|p| p.1), HEIGHT - BOTTOM, TOP);
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
             font-family=\"sans-serif\" font-size=\"12\">\n\
             <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
             <text x=\"{LEFT}\" y=\"22\" font-size=\"15\">{}</text>\n",
            self.title
        );
        self.frame(&mut out, &across, &up)?;
        for (line, colour) in self.lines.iter().zip(COLOURS.iter().cycle()) {
            draw(&mut out, line, colour, &across, &up)?;
        }
        self.names(&mut out)?;
        out.push_str("</svg>\n");
        Ok(out)
    }

    fn frame(&self, out: &mut String, across: &Axis, up: &Axis) -> std::fmt::Result {
        for value in across.decades() {
            let (x, low) = (across.at(value), HEIGHT - BOTTOM);
            writeln!(out, "<path d=\"M{x:.0} {TOP}V{low}\" stroke=\"#ddd\"/>")?;
            writeln!(out, "<text x=\"{x:.0}\" y=\"{}\" text-anchor=\"middle\">{value}</text>", low + 18.0)?;
        }
        for value in up.decades() {
            let y = up.at(value);
            writeln!(out, "<path d=\"M{LEFT} {y:.0}H{}\" stroke=\"#ddd\"/>", WIDTH - RIGHT)?;
            writeln!(
                out,
                "<text x=\"{}\" y=\"{:.0}\" text-anchor=\"end\">{value} {}</text>",
                LEFT - 6.0,
                y + 4.0,
                self.up
            )?;
        }
        let middle = (LEFT + WIDTH - RIGHT) / 2.0;
        writeln!(
            out,
            "<text x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
            HEIGHT - 10.0,
            self.across
        )
    }

    fn names(&self, out: &mut String) -> std::fmt::Result {
        for (n, (line, colour)) in self.lines.iter().zip(COLOURS.iter().cycle()).enumerate() {
            let (x, y) = (WIDTH - RIGHT + 14.0, TOP + 16.0 + 20.0 * n as f64);
            writeln!(out, "<path d=\"M{x} {y}h18\" stroke=\"{colour}\" stroke-width=\"2\"/>")?;
            writeln!(out, "<text x=\"{}\" y=\"{}\">{}</text>", x + 24.0, y + 4.0, line.name)?;
        }
        Ok(())
    }
}

fn draw(out: &mut String, line: &Line, colour: &str, across: &Axis, up: &Axis) -> std::fmt::Result {
    let at: Vec<_> = line.points.iter().map(|(x, y)| (across.at(*x), up.at(*y))).collect();
    let path: Vec<_> = at.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    writeln!(
        out,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
        path.join(" ")
    )?;
    for ((x, y), (_, value)) in at.iter().zip(&line.points) {
        writeln!(
            out,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"{colour}\"><title>{value:.3}</title></circle>"
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_drawn_and_named() {
        let mut line = Line::new("bids");
        line.points = vec![(1.0, 3.0), (1000.0, 40.0)];
        let picture = Picture {
            title: "Cost".to_owned(),
            across: "runs".to_owned(),
            up: "µs".to_owned(),
            lines: vec![line, Line::new("nothing")],
        };

        let svg = picture.svg().unwrap();

        assert_eq!(svg.matches("<polyline").count(), 2);
        assert_eq!(svg.matches("<circle").count(), 2);
        assert!(svg.contains(">bids<") && svg.contains(">1000<") && svg.contains(">100 µs<"), "{svg}");
    }
}
