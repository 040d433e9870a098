"""Languages that a translation adds to the texts of other documents."""

from collections.abc import Mapping
from typing import Any

from metadata.documents import Document
from metadata.overrides import copied


def translated(
    documents: Mapping[str, Document],
) -> tuple[Mapping[str, Document], tuple[str, ...]]:
    """Merge the translations into the texts they name.

    Returns:
        The documents, and the languages of the site: those of the packs, then those added.
    """
    languages: dict[str, None] = {}
    for document in documents.values():
        if document.kind == "pack":
            languages.update(dict.fromkeys(document.body.get("languages", ())))
    translations = [doc for doc in documents.values() if doc.kind == "translation"]
    if not translations:
        return documents, tuple(languages)
    bodies: dict[str, Any] = {}
    for translation in translations:
        language = translation.body["language"]
        languages[language] = None
        for target, texts in translation.body["texts"].items():
            if target not in documents:
                continue
            body = bodies.setdefault(target, copied(documents[target].body))
            for path, text in texts.items():
                _say(body, path, language, text)
    changed = dict(documents)
    for target, body in bodies.items():
        old = documents[target]
        changed[target] = Document(
            old.kind, old.key, body, old.source, old.layer, old.origins, old.touched
        )
    return changed, tuple(languages)


def _say(body: Any, path: str, language: str, text: str) -> None:
    parent_path, _, name = path.rpartition("/")
    parent = body
    for part in parent_path.split("/") if parent_path else ():
        parent = parent.get(part) if isinstance(parent, dict) else None
    if not isinstance(parent, dict) or name not in parent:
        return
    known = parent[name]
    if isinstance(known, str):
        parent[name] = {"": known, language: text}
    elif isinstance(known, dict):
        known[language] = text
