"""Take in clauses: compile them to integers, and set them to work."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from kg.errors import Place
from kg.model import Term, Triple
from kg.reasoner import owl_terms as n
from kg.reasoner.joins import WIDE, Compiled, Shape, Trigger, is_transitive, join
from kg.reasoner.literals import Literals, eq_ref_record
from kg.reasoner.matching import compile_condition
from kg.reasoner.partial_evaluation import FIRST_CLAUSE, PairList, schema_clauses, templates
from kg.reasoner.relations import Relation, Relations, enter
from kg.reasoner.rule_table import Clause, Pattern, Rule

_LINKING = frozenset(("prp-fp", "prp-ifp", "prp-key", "cls-maxc2", "cls-maxqc3", "cls-maxqc4"))
#: The rules on owl:sameAs to which ``x owl:sameAs x`` gives nothing; where it matters to eq-diff, it is said there.
_EQUALITY = frozenset(("eq-sym", "eq-trans", "eq-rep-s", "eq-rep-o", "eq-diff1", "eq-diff2", "eq-diff3"))


class Clauses(Relations):
    """Relations with the clauses that see them."""

    def __init__(self) -> None:
        super().__init__()
        self.numbered: list[Compiled | None] = [None] * FIRST_CLAUSE  # see the property ``compiled``
        self.deferred: dict[int, Clause] = {}  # idle clauses of a program that are not compiled yet, by number
        self.resumed: Sequence[Clause] = ()  # clauses of a program that are not in ``known`` yet
        self.known: set[tuple[object, ...]] = set()  # keys of clauses: see ``_key``
        self.axioms: dict[tuple[Triple, ...], int] = {}
        self.last_axioms: tuple[tuple[Triple, ...], int] = ((), -1)
        self.pair_lists: dict[tuple[str, int], PairList] = {}
        self.idle_compiled: list[Compiled] = []  # see the property ``idle``
        self.waiting: list[Compiled] = []  # of a later stratum
        self.wide: dict[int, Compiled] = {}  # long clauses that may have something new to give, by number
        self.templates: dict[str, Compiled] = {}
        self.implied: dict[tuple[str, int], Compiled] = {}  # implied axioms that were asked for
        self.false: dict[tuple[int, tuple[int, ...]], None] = {}
        self.heads: dict[Relation | None, list[Compiled]] = {}
        self.heads_of = 0
        self.places: dict[str, Place] = {}  # of the project's own rules, by name
        self.negative: Clauses | None = None  # where NOT EXISTS is asked, if not here
        self.thing_used = False
        self.reflexive = False
        self.stale = True
        self.same_id = self.intern(n.SAME)
        self.thing_id = self.intern(n.THING)
        self.literals = Literals(self)
        self.schema_ids = _schema(self)
        self.same = self.relation(self.same_id, None)

    @property
    def compiled(self) -> list[Compiled | None]:
        """Every clause, at its number."""
        if self.deferred:
            self._compile_deferred()
        return self.numbered

    @property
    def idle(self) -> list[Compiled]:
        """The clauses that never run, since others give the same. Proofs may use them."""
        if self.deferred:
            self._compile_deferred()
        return self.idle_compiled

    def clauses(self) -> Iterator[Clause]:
        """Every clause, compiled or not."""
        yield from (compiled.clause for compiled in self.numbered if compiled is not None)
        yield from self.deferred.values()

    def by_head(self, triple: Triple) -> list[Compiled]:
        """The clauses whose head could be the triple."""
        every = self.compiled
        if self.heads_of != len(every):
            self.heads_of, self.heads = len(every), {}
            for compiled in every:
                if compiled is not None and compiled.clause.head is not None:
                    key = compiled.head if compiled.head is not None else None
                    self.heads.setdefault(key, []).append(compiled)
        located = self.locate(triple)
        found = self.heads.get(located[0], []) if located else []
        return found + (self.heads.get(None, []) if triple[1] == n.TYPE else [])

    def add_clause(self, clause: Clause) -> Compiled | None:
        """Add a clause and activate it; None when it is known already."""
        self.known.update(map(self._key, self.resumed))
        self.resumed = ()
        key = self._key(clause)
        if key in self.known:
            return None
        self.known.add(key)
        compiled = self.compile(clause)
        self.numbered.append(compiled)
        self.add_reflexive_equality(clause)
        if not clause.body:
            if clause.head is None:
                self.false[compiled.number, ()] = None
            else:
                self.add_triple(clause.head, compiled.number)
        elif clause.negative:
            self._wait(compiled)
        elif self._redundant(compiled):
            self.idle_compiled.append(compiled)
        else:
            self.activate(compiled)
        return compiled

    def _key(self, clause: Clause) -> tuple[object, ...]:
        """The identity of a clause. A number stands for its axioms, which the clauses of a long list share."""
        return clause.name, self._number(clause.axioms), clause.body, clause.head, clause.conditions

    def _number(self, axioms: tuple[Triple, ...]) -> int:
        if axioms is not self.last_axioms[0]:
            self.last_axioms = axioms, self.axioms.setdefault(axioms, len(self.axioms))
        return self.last_axioms[1]

    def watch(self, rule: Rule, axioms: tuple[Triple, ...], members: tuple[Term, ...]) -> None:
        """Note a list any two of whose members may contradict one another by a rule."""
        key = rule.name, self._number(axioms)
        if key not in self.pair_lists:
            found = self.pair_lists[key] = PairList(rule, axioms, members)
            bodies = [body for n in range(len(members)) if (body := found.pattern(n))]
            self._use(Clause(rule.name, (), tuple(bodies), None))
            self.literals.demand([self._atom(body, lambda _: 0)[0] for body in bodies])

    def add_reflexive_equality(self, clause: Clause) -> None:
        """Rule eq-ref for the terms of which the clause asks whether they equal themselves."""
        for s, p, o in clause.body:
            if p == n.SAME and s == o and not s.startswith("?"):
                mention = next((axiom for axiom in clause.axioms if s in axiom), None)
                if mention is not None:
                    self.add_triple((s, p, o), eq_ref_record(*map(self.intern, mention)))

    def resume(self, clauses: Sequence[Clause], idle: frozenset[int]) -> None:
        """Add the clauses of a program; the facts of its ontology come after."""
        self.resumed = clauses
        for place, clause in enumerate(clauses):
            if place in idle and not clause.negative and not _types_at_large(clause):
                self.deferred[len(self.numbered)] = clause
                self.numbered.append(None)
                continue
            compiled = self.compile(clause)
            self.numbered.append(compiled)
            if clause.negative:
                self._wait(compiled)
            elif place in idle:
                self.idle_compiled.append(compiled)
            elif clause.body:
                self.activate(compiled)

    def _compile_deferred(self) -> None:
        deferred, self.deferred = self.deferred, {}
        for number, clause in deferred.items():
            self.numbered[number] = compiled = self.compile(clause, number)
            self.idle_compiled.append(compiled)

    def settle_resumed(self) -> None:
        """Mark all facts as seen: the program has their consequences."""
        if self.type_view is not None:
            every = ((cls, members.facts) for cls, members in self.classes.items())
            self.type_view.facts |= {m << 32 | cls: record for cls, facts in every for m, record in facts.items()}
        for queue in (self.queue, self.schema_queue, self.transitive_queue):
            queue.clear()
        for relation in (*self.classes.values(), *self.properties.values()):
            relation.delta, relation.open, relation.queued = [], [], False
            if relation.transitive:
                relation.base = {}
                enter(relation.base, relation.fresh(list(relation.facts)))
        self.literals.shown(self.same, list(self.same.facts))
        self.literals.settle_doubts()
        self.stale = False

    def activate(self, compiled: Compiled) -> None:
        """Trigger the clause by new facts from now on, and run it over the facts seen before."""
        if is_transitive(compiled):
            self._make_transitive(compiled)
            return
        wide = len(compiled.relations) > WIDE
        asked = dict.fromkeys(compiled.relations) if wide else compiled.relations
        triggers = [Trigger(compiled, k) for k in range(len(asked))]
        for trigger, relation in zip(triggers, asked, strict=True):
            relation.triggers.append(trigger)
        self._use(compiled.clause)
        self.literals.demand(asked)
        if wide:
            self.wide[compiled.number] = compiled
            return
        smallest = min(range(len(triggers)), key=lambda k: compiled.relations[k].seen())
        if compiled.relations[smallest].seen() > 0:
            self.fire(triggers[smallest], list(compiled.relations[smallest].facts))

    def _wait(self, compiled: Compiled) -> None:
        """Keep a clause with NOT EXISTS for a later stratum."""
        self.waiting.append(compiled)
        self._use(compiled.clause)

    def _use(self, clause: Clause) -> None:
        """Materialise what is left out by default if the clause asks for it: owl:Thing, eq-ref, dt-diff."""
        asked = [*clause.body, *clause.absent]
        if not self.thing_used and any(p == n.TYPE and (o == n.THING or o.startswith("?")) for _, p, o in asked):
            self._use_thing()
        if clause.name not in _EQUALITY and any(p == n.SAME for _, p, _ in asked):
            self.reflexive = True
        if clause.name not in _EQUALITY and any(p == n.DIFFERENT for _, p, _ in asked):
            self.literals.differences = True

    def _use_thing(self) -> None:
        """A clause asks for members of owl:Thing: run the idle clauses that give them."""
        self.thing_used = True
        idle, self.idle_compiled = self.idle, []
        for compiled in idle:
            if compiled.head and compiled.head.cls == self.thing_id and compiled.head not in compiled.relations:
                self.activate(compiled)
            else:
                self.idle_compiled.append(compiled)

    def _redundant(self, compiled: Compiled) -> bool:
        """Whether other clauses give all that this one does."""
        clause, head = compiled.clause, compiled.head
        if clause.head in clause.body:
            return True
        return head is not None and head.cls == self.thing_id and not self.thing_used and clause.name == "cax-sco"

    def reopen(self, relation: Relation, facts: list[int]) -> None:
        """Queue a transitive relation to be closed over some of its base facts."""
        if facts:
            if not relation.open:
                self.transitive_queue.append(relation)
            relation.open += facts

    def promote(self, relation: Relation, fact: int) -> None:
        """Mark a derived fact as asserted. Of the schema, rules may read it differently now."""
        super().promote(relation, fact)
        if relation.schema:
            self.stale = True

    def template(self, rule: Rule) -> Compiled:
        """The given patterns of a template, as a clause to be matched."""
        found = self.templates.get(rule.name)
        if found is None:
            found = self.templates[rule.name] = self.compile(Clause(rule.name, (), rule.given, None))
            self.literals.add_constants(found.constants)
        return found

    def compile(self, clause: Clause, number: int | None = None) -> Compiled:
        """A clause over integers, with its shape; by default the next in number."""
        variables: dict[str, int] = {}
        constants: list[int] = []

        def arg(term: str) -> int:
            if term.startswith("?"):
                return variables.setdefault(term, len(variables))
            if term not in self.ids:
                self.literals.doubt([self.intern(term)])
            constants.append(self.ids[term])
            return -len(constants)

        atoms, relations = [], []
        for pattern in clause.body:
            relation, args = self._atom(pattern, arg)
            relations.append(relation)
            atoms.append(args)
        head, shape_head = self._head(clause.head, arg)
        conditions = [compile_condition(self, c) for c in clause.conditions]
        names = tuple(variables)
        needs = tuple(tuple(variables[v] for v in needed) for needed, _ in conditions)
        shape = Shape(tuple(atoms), shape_head, needs, clause.name in _LINKING)
        return Compiled(
            len(self.numbered) if number is None else number,
            clause,
            shape,
            names,
            head,
            tuple(relations),
            tuple(constants),
            tuple(test for _, test in conditions),
        )

    def _atom(self, pattern: Pattern, arg: Callable[[str], int]) -> tuple[Relation, tuple[int, ...]]:
        s, p, o = pattern
        predicate = self.intern(p)
        if predicate == self.type_id and not o.startswith("?"):
            return self.relation(predicate, self.intern(o)), (arg(s),)
        return self.relation(predicate, None), (arg(s), arg(o))

    def _head(
        self, head: Pattern | None, arg: Callable[[str], int]
    ) -> tuple[Relation | None, tuple[str, tuple[int, ...]]]:
        if head is None:
            return None, ("F", ())
        if head[1] == n.TYPE and head[2].startswith("?"):
            return None, ("T", (arg(head[0]), arg(head[2])))
        relation, args = self._atom(head, arg)
        return relation, ("P" if relation.cls is None else "C", args)

    def _make_transitive(self, compiled: Compiled) -> None:
        relation = compiled.relations[0]
        if relation.transitive:
            return  # said twice; once is enough
        relation.transitive = compiled.number
        done = set(relation.delta)
        opened = [fact for fact in relation.facts if fact not in done]
        enter(relation.base, opened)
        self.reopen(relation, opened)

    def fire(self, trigger: Trigger, delta: list[int]) -> None:
        """Run a clause over new facts of the relation that set it off."""
        if trigger.mirror:
            return
        c = trigger.compiled
        if len(c.relations) > WIDE:
            self.wide[c.number] = c
            return
        for relation in c.relations:
            if not relation.facts:
                return
        if trigger.fire is None:
            trigger.fire = join(c.shape, trigger.first, "add")
        kind = c.shape.head[0]
        out = self.contradict if kind == "F" else self.add_member if kind == "T" else None
        trigger.fire(delta, c.number, c.head, c.relations, c.constants, c.conditions, out)
        head = c.head
        if head is not None and head.delta and not head.queued:
            self.enqueue(head)

    def contradict(self, clause: int, binding: tuple[int, ...]) -> None:
        """Note an inconsistency."""
        self.false[clause, binding] = None


def _types_at_large(clause: Clause) -> bool:
    """Whether it asks for rdf:type with any class, which the engine must know before it runs."""
    return any(p == n.TYPE and o.startswith("?") for _, p, o in clause.body)


def _schema(facts: Relations) -> set[tuple[int, int | None]]:
    """The relations that the templates and the schema rules read."""
    patterns: Iterable[Pattern] = [p for rule in templates() for p in rule.given]
    patterns = [*patterns, *(p for clause in schema_clauses() for p in clause.body)]
    found = {(facts.intern(p), facts.intern(o) if p == n.TYPE else None) for _, p, o in patterns}
    found |= {(facts.intern(name), None) for name in (n.FIRST, n.REST)}
    return found - {(facts.ids[n.SAME], None), (facts.intern(n.DIFFERENT), None)}
