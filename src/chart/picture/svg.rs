//! Charts as SVG, on a light ground.

use std::fmt::Write as _;

use super::FONT_NAME;
use crate::chart::curve::Curve;
use crate::chart::figure::Chart;
use crate::chart::series::Series;
use crate::chart::ticks::{Tick, ticks};
use crate::chart::trace::Trace;
use crate::chart::view::Window;

/// The colours of curves: those of Okabe and Ito, which people with any colour vision tell apart, with a
/// brown and a grey in the places of their yellow and black.
const COLOURS: [&str; 8] =
    ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c510a", "#666666"];
/// When the colours begin again, the lines are broken.
const DASHES: [&str; 4] = ["", "7 3", "2 3", "9 3 2 3"];

/// One chart among several, and one by itself.
const PANEL: (f64, f64) = (480.0, 310.0);
const SINGLE: (f64, f64) = (760.0, 460.0);
const MARGIN: f64 = 16.0;
const TITLE: f64 = 34.0;
const LEGEND_LINE: f64 = 20.0;
/// Curves that are fitted into a plot get so much of its height.
const AIR: f64 = 1.08;
/// What a character of the labels takes on average.
const LETTER: f64 = 7.0;
/// Up to so many points in sight are marked one by one.
const MARKED: usize = 30;
/// Names are cut to so many characters.
const LONGEST: usize = 60;

/// A place and size in the picture.
#[derive(Clone, Copy)]
struct Frame {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

/// Draws charts in so many columns, under one title and with one legend if there are several curves.
#[allow(clippy::cast_precision_loss, reason = "a count of charts")]
pub fn svg(title: &str, charts: &[Chart], columns: usize) -> String {
    let columns = columns.clamp(1, charts.len().max(1));
    let (width, height) = if charts.len() == 1 { SINGLE } else { PANEL };
    let rows = charts.len().div_ceil(columns);
    let total_width = columns as f64 * width + 2.0 * MARGIN;
    let above = MARGIN + if title.is_empty() { 0.0 } else { TITLE };
    let legend_at = above + rows as f64 * height;
    let (legend, legend_height) = legend(charts, total_width, legend_at);
    let total_height = legend_at + legend_height + MARGIN;

    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{total_width}\" height=\"{total_height}\" \
         viewBox=\"0 0 {total_width} {total_height}\" font-family=\"{FONT_NAME}, Verdana, sans-serif\" \
         font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
    );
    if !title.is_empty() {
        let middle = total_width / 2.0;
        text(&mut out, (middle, MARGIN + 18.0), "middle", TITLE_FONT, title);
    }
    for (i, chart) in charts.iter().enumerate() {
        let (x, y) = (MARGIN + (i % columns) as f64 * width, above + (i / columns) as f64 * height);
        panel(&mut out, i, chart, Frame { x, y, width, height });
    }
    out + &legend + "</svg>\n"
}

/// One chart.
fn panel(out: &mut String, number: usize, chart: &Chart, frame: Frame) {
    let mut window = chart.window();
    if chart.view.y.is_none() {
        window.y = window.y.zoomed(AIR, 0.5);
    }
    let y_ticks = ticks(&window.y, chart.y_unit, 6);
    let x_ticks = ticks(&window.x, chart.x_unit, 7);
    let labels = y_ticks.iter().map(|tick| tick.label.len()).max().unwrap_or(0);
    #[allow(clippy::cast_precision_loss, reason = "the length of a label")]
    let left = labels as f64 * LETTER + 18.0;
    let plot = Frame {
        x: frame.x + left,
        y: frame.y + 30.0,
        width: frame.width - left - 20.0,
        height: frame.height - 30.0 - 48.0,
    };
    let middle = plot.x + plot.width / 2.0;
    text(out, (middle, frame.y + 18.0), "middle", CHART_FONT, &chart.title);
    text(out, (middle, plot.y + plot.height + 36.0), "middle", LABEL_FONT, &chart.x_name);
    axes(out, &window, (&x_ticks, &y_ticks), plot);
    let _ = writeln!(
        out,
        "<clipPath id=\"plot{number}\"><rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\"/></clipPath>\n\
         <g clip-path=\"url(#plot{number})\" fill=\"none\" stroke-width=\"1.6\" stroke-linejoin=\"round\" stroke-linecap=\"round\">",
        plot.x - 3.0,
        plot.y - 3.0,
        plot.width + 6.0,
        plot.height + 6.0
    );
    for curve in chart.curves.iter().filter(|curve| curve.smoothing() > 0.0) {
        line(out, curve, curve.raw(), &window, plot, "0.25");
    }
    for curve in &chart.curves {
        line(out, curve, curve.drawn(), &window, plot, "1");
    }
    out.push_str("</g>\n");
}

/// The grid and its labels.
fn axes(out: &mut String, window: &Window, (x_ticks, y_ticks): (&[Tick], &[Tick]), plot: Frame) {
    let (right, bottom) = (plot.x + plot.width, plot.y + plot.height);
    for Tick { value, label } in y_ticks {
        let y = bottom - window.y.place(*value).unwrap_or(0.0) * plot.height;
        let _ = writeln!(out, "<path d=\"M{:.1} {y:.1}H{right:.1}\" stroke=\"#e4e4e4\"/>", plot.x);
        text(out, (plot.x - 7.0, y + 4.0), "end", LABEL_FONT, label);
    }
    for Tick { value, label } in x_ticks {
        let x = plot.x + window.x.place(*value).unwrap_or(0.0) * plot.width;
        let _ = writeln!(out, "<path d=\"M{x:.1} {:.1}V{bottom:.1}\" stroke=\"#e4e4e4\"/>", plot.y);
        text(out, (x, bottom + 18.0), "middle", LABEL_FONT, label);
    }
    let _ = writeln!(
        out,
        "<path d=\"M{:.1} {:.1}V{bottom:.1}H{right:.1}\" stroke=\"#999999\" fill=\"none\"/>",
        plot.x, plot.y
    );
}

/// One line: in each column of pixels from the lowest to the highest of its points.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the width of a plot")]
fn line(out: &mut String, curve: &Curve, series: &Series, window: &Window, plot: Frame, opacity: &str) {
    let trace = Trace::new(series, &window.x, plot.width as usize);
    let dot = |(x, y): (f64, f64)| {
        let finite = Some(y).filter(|y| y.is_finite())?;
        let (x, y) = (window.x.place(x)?, window.y.place(finite)?.clamp(-10.0, 11.0));
        Some((plot.x + x.clamp(-10.0, 11.0) * plot.width, plot.y + (1.0 - y) * plot.height))
    };
    let mut path = String::new();
    let mut dots = String::new();
    let mut drawing = false;
    let mut go = |to: Option<(f64, f64)>| {
        if let Some((x, y)) = to {
            let _ = write!(path, "{}{x:.1} {y:.1}", if drawing { 'L' } else { 'M' });
            if !drawing {
                // A line to itself is a dot, so that a point between two gaps is seen.
                let _ = write!(path, "L{x:.1} {y:.1}");
            }
        }
        drawing = to.is_some();
    };
    go(trace.before.and_then(dot));
    let seen = series.between(window.x.low(), window.x.high());
    for column in &trace.columns {
        go(dot(column.first));
        if column.first != column.last {
            let low = if window.y.place(column.extent.low).is_some() {
                column.extent.low
            } else {
                column.extent.positive
            };
            let across = column.first.0 / 2.0 + column.last.0 / 2.0;
            let bar = [(across, low), (across, column.extent.high)].map(dot);
            if bar[0].is_some() {
                bar.into_iter().for_each(&mut go);
            }
            go(dot(column.last));
        }
        if seen.len() <= MARKED
            && let Some((x, y)) = dot(column.last)
        {
            let _ = write!(dots, "M{x:.1} {y:.1}h0");
        }
    }
    go(trace.after.and_then(dot));
    let (colour, dash) = pen(curve.colour);
    if !path.is_empty() {
        let _ = writeln!(
            out,
            "<path d=\"{path}\" stroke=\"{colour}\" stroke-opacity=\"{opacity}\" stroke-dasharray=\"{dash}\"/>"
        );
    }
    if !dots.is_empty() {
        let _ = writeln!(
            out,
            "<path d=\"{dots}\" stroke=\"{colour}\" stroke-opacity=\"{opacity}\" stroke-width=\"5\"/>"
        );
    }
}

/// The colour and the dashes of a palette index.
fn pen(colour: usize) -> (&'static str, &'static str) {
    let dash = DASHES[colour / COLOURS.len() % DASHES.len()];
    (COLOURS[colour % COLOURS.len()], if dash.is_empty() { "none" } else { dash })
}

/// The names of all curves below the charts, and the height that takes; nothing for a single curve.
fn legend(charts: &[Chart], width: f64, top: f64) -> (String, f64) {
    let mut entries: Vec<(usize, &str)> = Vec::new();
    for curve in charts.iter().flat_map(|chart| &chart.curves) {
        if !entries.contains(&(curve.colour, &curve.name)) {
            entries.push((curve.colour, &curve.name));
        }
    }
    entries.sort_unstable();
    if entries.len() < 2 {
        return (String::new(), 0.0);
    }
    let mut out = String::new();
    let (mut x, mut y) = (MARGIN + 20.0, top + 14.0);
    for (colour, name) in entries {
        #[allow(clippy::cast_precision_loss, reason = "the length of a name")]
        let long = 34.0 + name.chars().count().min(LONGEST) as f64 * LETTER + 18.0;
        if x + long > width - MARGIN && x > MARGIN + 20.0 {
            (x, y) = (MARGIN + 20.0, y + LEGEND_LINE);
        }
        let (stroke, dash) = pen(colour);
        let _ = writeln!(
            out,
            "<path d=\"M{x:.1} {:.1}h26\" stroke=\"{stroke}\" stroke-width=\"2.4\" stroke-dasharray=\"{dash}\"/>",
            y - 4.0
        );
        text(&mut out, (x + 34.0, y), "start", LEGEND_FONT, name);
        x += long;
    }
    (out, y - top + 6.0)
}

/// A colour and a size.
type Font = (&'static str, u8);
const TITLE_FONT: Font = ("#222222", 17);
const CHART_FONT: Font = ("#222222", 14);
const LABEL_FONT: Font = ("#555555", 12);
const LEGEND_FONT: Font = ("#333333", 12);

/// A text at a place.
fn text(out: &mut String, (x, y): (f64, f64), anchor: &str, (fill, size): Font, text: &str) {
    let _ = writeln!(
        out,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" fill=\"{fill}\" font-size=\"{size}\">{}</text>",
        escaped(text)
    );
}

/// A name from anybody as text of an XML document.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for (i, c) in text.chars().enumerate() {
        match c {
            _ if i == LONGEST => {
                out.push('…');
                break;
            }
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\u{FFFE}' | '\u{FFFF}' => out.push('\u{FFFD}'),
            c if c.is_control() => out.push('\u{FFFD}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::png;
    use super::*;
    use proptest::prelude::*;

    fn chart(name: &str, points: impl IntoIterator<Item = (f64, f64)>) -> Chart {
        let mut curve = Curve::new(name.to_owned(), 0);
        curve.extend(points);
        Chart { title: "loss".into(), x_name: "step".into(), curves: vec![curve], ..Chart::default() }
    }

    // Proves A8 (charts as files, with no font of the system).
    #[test]
    fn a_picture_has_axes_and_a_curve_and_text_of_its_own_font() {
        let chart = chart("run1", (0..50).map(|i| (f64::from(i), f64::from(i * i))));
        let picture = svg("squares", &[chart], 1);
        for expected in [">squares<", ">loss<", ">step<", ">2000<", "M", "#0072b2"] {
            assert!(picture.contains(expected), "{expected}: {picture}");
        }
        let image = resvg::tiny_skia::Pixmap::decode_png(&png(&picture).unwrap()).unwrap();
        let dark = |from: (u32, u32), to: (u32, u32)| {
            let places = (from.1..to.1).flat_map(|y| (from.0..to.0).map(move |x| (x, y)));
            places.filter(|&(x, y)| image.pixel(x, y).is_some_and(|pixel| pixel.green() < 128)).count()
        };
        // The title is at the top, in the middle; the corners are white.
        assert!(dark((700, 40), (900, 80)) > 200, "the title is drawn");
        assert_eq!(dark((0, 0), (200, 60)), 0);
        assert!(image.width() >= 1500);
    }

    #[test]
    fn a_legend_names_each_run_once() {
        let mut charts = vec![chart("run1", [(0.0, 1.0), (1.0, 2.0)]), chart("run1", [(0.0, 1.0)])];
        assert_eq!(svg("", &charts, 2).matches(">run1<").count(), 0, "one curve needs no legend");
        charts[1].curves.push(Curve::new("run<2>&", 9));
        let picture = svg("", &charts, 2);
        assert_eq!(picture.matches(">run1<").count(), 1);
        assert!(picture.contains("run&lt;2&gt;&amp;") && picture.contains("7 3"), "{picture}");
    }

    #[test]
    fn a_long_history_makes_no_long_file() {
        let long = chart("run1", (0..300_000).map(|i| (f64::from(i), f64::from(i % 1000))));
        assert!(svg("", &[long], 1).len() < 100_000);
    }

    #[test]
    fn too_many_charts_are_refused() {
        let charts = vec![chart("run1", [(0.0, 1.0)]); 800];
        assert!(matches!(
            png(&svg("", &charts, 1)),
            Err(crate::chart::picture::PictureError::TooLarge { .. })
        ));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(6))]
        #[test]
        fn any_names_and_points_can_be_drawn(
            names in prop::array::uniform3(any::<String>()),
            points in prop::collection::vec((any::<f64>(), any::<f64>()), 0..30),
        ) {
            let mut chart = chart(&names[0], points);
            chart.title.clone_from(&names[1]);
            chart.curves[0].set_smoothing(0.5);
            let picture = svg(&names[2], &[chart], 1);
            prop_assert!(!picture.contains("NaN") && !picture.contains("inf"), "{}", picture);
            prop_assert!(png(&picture).is_ok(), "{}", picture);
        }
    }
}
