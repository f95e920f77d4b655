package io.bactrian;

public final class Bactrian {
    private Bactrian() {}

    public static void main(String[] args) {
        System.out.println("hello from " + Runtime.version());
    }
}
