"""A model's values beside what was found without it."""

from shirushi.describe.description import Description
from shirushi.describe.llm.asking import Asked
from shirushi.describe.rank import Model, rank
from shirushi.describe.seen import Context, EvidenceSet
from shirushi.describe.suggesters import propose


def joined(description: Description, asked: Asked, *, context: Context, model: Model | None = None) -> None:
    """Rank the model's candidates together with all others; what was found without it stands first."""
    seen = EvidenceSet(description.evidence, description.name)
    description.suggestions = rank([*propose(seen, context), *asked.candidates], model)
    description.language_model = asked.to_json()
