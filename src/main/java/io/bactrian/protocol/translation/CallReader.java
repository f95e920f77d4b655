package io.bactrian.protocol.translation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A reader of the pieces of the tool calls of one answer: it tells which call a piece belongs to. Servers leave out the index or
 * the id, repeat them, or change them with each piece, so the content decides where they contradict it: a new call begins with
 * another name, with a name or an id after arguments that are whole, or with a name and another id without arguments. What
 * follows whole arguments adds nothing to them. Not thread-safe.
 */
public final class CallReader {
    private final List<Call> calls = new ArrayList<>();
    private final Map<Integer, Call> places = new HashMap<>();
    private final Set<String> ids = new HashSet<>();
    private @Nullable Call last;
    private int list;

    /** A call, as far as it is known. */
    public static final class Call {
        private final boolean custom;
        private String given = "";
        private String id = "";
        private String name = "";
        private String piece = "";
        private ArgumentsEnd end = new ArgumentsEnd();
        /** What came after whole arguments; null if nothing did. */
        private @Nullable ArgumentsEnd again;

        private boolean restarted;
        private boolean restated;
        private int list;
        private int place = -1;

        private Call(boolean custom) {
            this.custom = custom;
        }

        /** The id, which no other call of the answer has; empty if the server gave none of that kind. */
        public String id() {
            return id;
        }

        /** The name of the tool; empty as long as it is not known. */
        public String name() {
            return name;
        }

        /** The arguments in the last piece. */
        public String piece() {
            return piece;
        }

        /** Whether the tool takes free text. */
        public boolean isCustom() {
            return custom;
        }

        /** Whether it has had arguments. */
        public boolean hasArguments() {
            return end.length() > 0;
        }

        /** Whether the arguments so far are an object without fields, which more arguments take the place of. */
        public boolean isPlaceholder() {
            return end.isEmptyObject();
        }

        /** Whether the arguments have begun, and have not ended. */
        public boolean isHalf() {
            return !custom && end.isOpen();
        }

        /** Whether the last piece took the place of the arguments before it. */
        public boolean restarted() {
            return restarted;
        }

        /** Whether what followed the whole arguments is not those arguments once more, so that it is unknown which are meant. */
        public boolean contradictsItself() {
            ArgumentsEnd other = again;
            return other != null && !other.isSame(end) && !other.isEmptyObject();
        }

        /** Whether the server gave it an id. */
        public boolean hasId() {
            return !given.isEmpty();
        }

        private boolean isWhole() {
            return !custom && end.reached();
        }

        private void again(CallPiece next) {
            ArgumentsEnd other = again;
            if (other == null || other.isEmptyObject() || other.isSame(end)) {
                other = new ArgumentsEnd();
                again = other;
            }
            other.read(other.length() == 0 ? CallPiece.beginning(next.text()) : next.text());
        }

        private boolean hasOtherId(CallPiece next) {
            return !next.id().isEmpty() && !given.isEmpty() && !next.id().equals(given);
        }
    }

    /** Begins the next list of pieces. One list has no two pieces with a name for the same call. */
    public void nextList() {
        list++;
    }

    /** The calls in the order of their first pieces. */
    public List<Call> calls() {
        return calls;
    }

    /** The call that the last piece belonged to; null if there was none. */
    public @Nullable Call last() {
        return last;
    }

    /** The call that a piece belongs to, if it is known already; null if the piece begins one. Notes nothing. */
    public @Nullable Call known(CallPiece piece) {
        Call open = candidate(piece);
        return open == null || (begins(piece, open) && !repeats(piece, open)) ? null : open;
    }

    /**
     * Reads a piece if it has nothing but the index and more arguments of the last call, as in every ordinary stream; returns
     * whether it did.
     */
    public boolean goesOn(CallPiece piece) {
        Call open = last;
        boolean plain = open != null
                && piece.index() >= 0
                && piece.index() == open.place
                && piece.id().isEmpty()
                && piece.name().isEmpty()
                && open.hasArguments()
                && !open.isWhole();
        if (plain && open != null) {
            take(piece, open, false);
        }
        return plain;
    }

    /** Whether a piece comes after the whole arguments of its call. Notes nothing. */
    public boolean repeats(CallPiece piece) {
        Call open = candidate(piece);
        return open != null && (repeats(piece, open) || (isExtra(piece, open) && !begins(piece, open)));
    }

    /** Whether no call has this id yet. */
    public boolean isFree(String id) {
        return !ids.contains(id);
    }

    /** Reads the next piece; returns its call, or null if the piece repeats what the call has said. */
    public @Nullable Call read(CallPiece piece) {
        Call open = candidate(piece);
        boolean again = open != null && repeats(piece, open);
        if (open == null || (!again && begins(piece, open))) {
            String name = open != null && piece.name().isEmpty() && open.restated ? open.name : "";
            open = new Call(piece.isCustom());
            open.name = name;
            calls.add(open);
        }
        if (piece.index() >= 0) {
            places.put(piece.index(), open);
        }
        open.place = piece.index();
        last = open;
        if (again) {
            // The same id, name and no arguments may also begin another call, of a server with one id for all.
            open.restated |= !piece.name().isEmpty()
                    && !open.isPlaceholder()
                    && ArgumentsEnd.of(piece.text()).isEmptyObject();
            return null;
        }
        boolean extra = isExtra(piece, open);
        boolean named = !open.name.isEmpty();
        take(piece, open, extra);
        return extra && named ? null : open;
    }

    /** Whether a piece of this call is more than its whole arguments. */
    private static boolean isExtra(CallPiece piece, Call open) {
        return open.isWhole() && !open.isPlaceholder() && !piece.text().isBlank();
    }

    private void take(CallPiece piece, Call open, boolean extra) {
        open.restated =
                open.isWhole() && !piece.name().isEmpty() && piece.text().isBlank();
        open.list = list;
        if (open.given.isEmpty() && !piece.id().isEmpty()) {
            open.given = piece.id();
            if (open.id.isEmpty() && ids.add(piece.id())) {
                open.id = piece.id();
            }
        }
        if (open.name.isEmpty()) {
            open.name = piece.name();
        }
        if (extra) {
            open.piece = "";
            open.restarted = false;
            open.again(piece);
            return;
        }
        open.piece = open.custom || open.hasArguments() ? piece.text() : CallPiece.beginning(piece.text());
        open.restarted = !open.custom && open.isPlaceholder() && !open.piece.isBlank();
        if (open.restarted) {
            open.end = new ArgumentsEnd();
        }
        open.end.read(open.piece);
    }

    /** The call that a piece seems to belong to by its index and id. */
    private @Nullable Call candidate(CallPiece piece) {
        Call newest = last;
        Call placed = piece.index() < 0 ? null : places.get(piece.index());
        Call named = piece.id().isEmpty() ? null : withId(piece.id());
        boolean goesOn = piece.name().isEmpty();
        boolean open = newest != null && !newest.isWhole();
        boolean free = named != null && !named.isWhole();
        if (named != null && (placed == null ? free || piece.index() < 0 : free && goesOn)) {
            return named;
        }
        if (placed != null) {
            return placed != newest && placed.isWhole() && goesOn && piece.id().isEmpty() && open ? newest : placed;
        }
        if (piece.index() >= 0) {
            boolean opens = !goesOn || (!piece.id().isEmpty() && piece.text().isEmpty());
            return opens || !open ? null : newest;
        }
        return newest;
    }

    private @Nullable Call withId(String id) {
        for (int i = calls.size() - 1; i >= 0; i--) {
            if (calls.get(i).given.equals(id)) {
                return calls.get(i);
            }
        }
        return null;
    }

    private boolean begins(CallPiece piece, Call open) {
        boolean otherId = open.hasOtherId(piece);
        if (piece.name().isEmpty() || open.name.isEmpty()) {
            return open.isWhole() && (otherId || (open.restated && !piece.text().isBlank()));
        }
        if (!piece.name().equals(open.name)) {
            return true;
        }
        boolean sameId = !piece.id().isEmpty() && piece.id().equals(open.given);
        if ((open.list == list && !sameId)
                || (otherId && CallPiece.beginning(piece.text()).isBlank())) {
            return true;
        }
        return open.custom
                ? otherId
                : open.isWhole() && (otherId || !piece.text().isBlank());
    }

    private boolean repeats(CallPiece piece, Call open) {
        boolean bare = piece.id().isEmpty();
        if (!open.isWhole() || open.list == list || piece.text().isBlank() || (bare && open.isPlaceholder())) {
            return false;
        }
        boolean mine = bare ? piece.name().isEmpty() : piece.id().equals(open.given);
        boolean other = !piece.name().isEmpty() && !piece.name().equals(open.name);
        if (!mine || other) {
            return false;
        }
        ArgumentsEnd said = ArgumentsEnd.of(CallPiece.beginning(piece.text()));
        boolean named = !piece.name().isEmpty();
        return said.isEmptyObject() ? named || !open.restated : !open.restated && said.isSame(open.end);
    }
}
