"""What a catalog stores about the mirrors it was compiled from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from cachetui.catalog import MirrorInfo
from cachetui.locate import ResolvedLocation
from cachetui.sources import IndexFile, MirrorSource, PageTree, Source, layout_of, root_of
from cachetui.text import clean, redacted


def mirror_infos(locations: Sequence[ResolvedLocation], sources: Iterable[Source]) -> Iterator[MirrorInfo]:
    """Describe each source; what Spack's configuration says of signatures goes before the manifest.

    Args:
        locations: the locations that led to the sources.
    """
    configured = {(m.name, m.view): m.signed for each in locations if (m := each.configured)}
    for source in sources:
        if isinstance(source, MirrorSource):
            url, layout, view = redacted(source.address.url), source.state.layout, source.address.view
            has_signature = source.state.signed
        elif isinstance(source, IndexFile | PageTree):
            url, layout, view = clean(str(root_of(source).absolute())), layout_of(source), ""
            has_signature = False
            if isinstance(source, IndexFile):
                view, has_signature = source.place.view, source.is_signed
        else:
            continue
        # An unsigned index proves nothing: Spack signs the manifests of binaries, not always the index.
        signed = configured.get((source.name, view))
        if signed is None and has_signature:
            signed = True
        yield MirrorInfo(source.name, url, layout, view, signed)
