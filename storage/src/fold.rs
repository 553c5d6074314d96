//! Names as they are searched: without case, accents and alphabet, so that "čaj", "ЧАЙ" and "caj" are found by each
//! other's letters. Folding the folded changes nothing.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Lower-case letters without marks, Cyrillic and a few other letters in Latin ones, white space as single spaces.
#[must_use]
pub fn fold(text: &str) -> String {
    let plain = text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
    let mut folded = String::with_capacity(text.len());
    for c in plain {
        match latin(c) {
            Some(letters) => folded.push_str(letters),
            None if c.is_whitespace() || c.is_control() => folded.push(' '),
            None => folded.push(c),
        }
    }
    folded.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Letters that do not come apart into a plain letter and a mark.
const fn latin(c: char) -> Option<&'static str> {
    Some(match c {
        'а' => "a",
        'б' => "b",
        'в' => "v",
        'г' | 'ґ' => "g",
        'д' => "d",
        'ђ' | 'đ' | 'ð' => "dj",
        'е' | 'э' => "e",
        'є' => "je",
        'ж' | 'з' => "z",
        'и' | 'і' | 'ы' | 'ı' => "i",
        'ј' => "j",
        'к' => "k",
        'л' | 'ł' => "l",
        'љ' => "lj",
        'м' => "m",
        'н' => "n",
        'њ' => "nj",
        'о' | 'ø' => "o",
        'п' => "p",
        'р' => "r",
        'с' | 'ш' | 'щ' => "s",
        'т' => "t",
        'ћ' | 'ч' | 'ц' => "c",
        'у' => "u",
        'ф' => "f",
        'х' => "h",
        'џ' => "dz",
        'ю' => "ju",
        'я' => "ja",
        'ъ' | 'ь' => "",
        'æ' => "ae",
        'œ' => "oe",
        'ß' => "ss",
        'þ' => "th",
        _ => return None,
    })
}

/// A pattern for `like … escape '\'` that finds `query` anywhere.
#[must_use]
pub(crate) fn containing(query: &str) -> String {
    let literal = query.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{literal}%")
}

/// How alike two folded names are, 0 to 1: the trigrams they share of all they have, as PostgreSQL counts them.
#[must_use]
pub(crate) fn similarity(a: &str, b: &str) -> f64 {
    let (a, b) = (trigrams(a), trigrams(b));
    let shared = a.iter().filter(|gram| b.binary_search(gram).is_ok()).count();
    let all = a.len() + b.len() - shared;
    // Names are short: the counts are exact as floats.
    #[expect(clippy::cast_precision_loss, reason = "a name has some hundred trigrams at most")]
    if all == 0 { 0.0 } else { shared as f64 / all as f64 }
}

/// Of each word with two spaces before and one behind; sorted, each once.
fn trigrams(folded: &str) -> Vec<[char; 3]> {
    let words = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let mut grams: Vec<[char; 3]> = words
        .flat_map(|word| {
            let padded: Vec<char> = "  ".chars().chain(word.chars()).chain([' ']).collect();
            padded.windows(3).map(|w| [w[0], w[1], w[2]]).collect::<Vec<_>>()
        })
        .collect();
    grams.sort_unstable();
    grams.dedup();
    grams
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_accents_and_alphabets_do_not_matter() {
        for (text, folded) in [
            ("Čaj od NANE", "caj od nane"),
            ("Пиринач", "pirinac"),
            ("Pirinač", "pirinac"),
            ("Ёлка  и\tёж", "elka i ez"),
            ("Đumbir Ђумбир", "djumbir djumbir"),
            ("Crème brûlée", "creme brulee"),
            ("Straße ﬁn", "strasse fin"),
            ("100 % _\\", "100 % _\\"),
            ("米", "米"),
            ("", ""),
        ] {
            assert_eq!(fold(text), folded);
            assert_eq!(fold(folded), folded);
        }
    }

    #[test]
    fn a_typing_mistake_is_still_similar() {
        let alike = |a, b| similarity(&fold(a), &fold(b));

        assert!((alike("Basmati rice", "basmati RICE") - 1.0).abs() < f64::EPSILON);
        assert!(alike("Basmati rice", "Basmatti rice") > 0.6);
        assert!(alike("Басмати", "Basmati") > 0.9);
        assert!(alike("Basmati rice", "Olive oil") < 0.1);
        assert!(alike("", "rice") < f64::EPSILON);
    }
}
