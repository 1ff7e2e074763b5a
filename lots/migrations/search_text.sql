-- Lots are found without accents: the database keeps the text that searches compare.
-- Plain SQL on purpose: the extension `unaccent` is not everywhere, and knows one spelling of an umlaut where people
-- type two. What Unicode does not decompose (ligatures, strokes) is named. The range is the combining diacritical
-- marks. The bodies are bound when they are made, so that a restored dump finds them with any search path.

CREATE FUNCTION lots_folded(typed text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN replace(replace(replace(replace(
    translate(
        regexp_replace(normalize(lower(normalize(typed, NFKD)), NFKD), '[\u0300-\u036F]', '', 'g'), 'øłđðħıŧ', 'olddhit'
    ), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th');

CREATE FUNCTION lots_search_text(name text, city text, address text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
BEGIN ATOMIC
    SELECT lots_folded(said) || E'\n' || lots_folded(
        replace(replace(replace(replace(replace(
            lower(normalize(said, NFKC)), 'ä', 'ae'), 'ö', 'oe'), 'ü', 'ue'), 'å', 'aa'), 'ø', 'oe')
    ) || E'\n' || regexp_replace(replace(lots_folded(said), 'aa', 'a'), '([aou])e', '\1', 'g')
    FROM (SELECT name || E'\n' || city || E'\n' || address AS said) AS joined;
END;
