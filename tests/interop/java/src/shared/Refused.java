package shared;

/** A check of the user's own, which refused what the library had accepted. */
public final class Refused extends Exception {
    private static final long serialVersionUID = 1;

    public Refused(String check) {
        super("left to the user: " + check);
    }
}
