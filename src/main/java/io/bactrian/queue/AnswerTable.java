package io.bactrian.queue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import io.bactrian.protocol.Json;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The table of stored replies, in H2 or PostgreSQL. Immutable. */
final class AnswerTable {
    /** The format of a row; rows of another one are not read. */
    private static final int VERSION = 1;

    private static final String COLUMNS = "id, version, body_hash, answered_at, properties, reply";
    private static final String DELETE = "delete from bactrian_queue_answers where id in"
            + " (select id from bactrian_queue_answers where answered_at <= ? order by answered_at"
            + " fetch first ? rows only)";
    private static final TypeReference<Map<String, String>> PROPERTIES = new TypeReference<>() {};

    private final boolean h2;
    private final String put;
    private final String find;

    /**
     * One row.
     *
     * @param id the id of the request, at most 200 characters
     * @param bodyHash the hash of the body of the request
     * @param answeredAt epoch milliseconds
     */
    record Row(String id, byte[] bodyHash, long answeredAt, StoredReply reply) {}

    AnswerTable(boolean h2) {
        this.h2 = h2;
        this.put = h2
                ? "merge into bactrian_queue_answers (" + COLUMNS + ") key (id) values (?, ?, ?, ?, ?, ?)"
                : "insert into bactrian_queue_answers (" + COLUMNS + ") values (?, ?, ?, ?, ?, ?) on conflict (id) do"
                        + " update set version = excluded.version, body_hash = excluded.body_hash, answered_at ="
                        + " excluded.answered_at, properties = excluded.properties, reply = excluded.reply";
        this.find = "select " + COLUMNS + " from bactrian_queue_answers where id " + (h2 ? "= ?" : "= any (?)")
                + " and answered_at > ? and version = " + VERSION;
    }

    /** The statements that create it. */
    List<String> creation() {
        return List.of(
                "create table if not exists bactrian_queue_answers (id varchar(200) primary key, version int not null,"
                        + " body_hash " + (h2 ? "varbinary(32)" : "bytea") + " not null, answered_at bigint not null,"
                        + " properties " + (h2 ? "varchar" : "text") + " not null, reply " + (h2 ? "blob" : "bytea")
                        + " not null)",
                "create index if not exists bactrian_queue_answers_answered_at on bactrian_queue_answers (answered_at)");
    }

    void put(Connection connection, List<Row> rows) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(put)) {
            for (Row row : rows) {
                statement.setString(1, row.id());
                statement.setInt(2, VERSION);
                statement.setBytes(3, row.bodyHash());
                statement.setLong(4, row.answeredAt());
                statement.setString(5, json(row.reply().properties()));
                statement.setBytes(6, row.reply().body());
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    /** The rows with these ids that are younger than a time. */
    Map<String, Row> find(Connection connection, Collection<String> ids, long since) throws SQLException {
        Map<String, Row> found = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(find)) {
            statement.setLong(2, since);
            if (h2) {
                for (String id : ids) {
                    statement.setString(1, id);
                    read(statement, found);
                }
            } else {
                statement.setArray(1, connection.createArrayOf("varchar", ids.toArray()));
                read(statement, found);
            }
        }
        return found;
    }

    private static void read(PreparedStatement statement, Map<String, Row> found) throws SQLException {
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                StoredReply reply = new StoredReply(rows.getBytes(6), properties(rows.getString(5)));
                found.put(rows.getString(1), new Row(rows.getString(1), rows.getBytes(3), rows.getLong(4), reply));
            }
        }
    }

    /** Deletes the oldest rows that are as old as a time or older; returns how many. */
    int delete(Connection connection, long until, int atMost) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(DELETE)) {
            statement.setLong(1, until);
            statement.setInt(2, atMost);
            return statement.executeUpdate();
        }
    }

    private static String json(Map<String, String> properties) {
        try {
            return Json.MAPPER.writeValueAsString(properties);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Map<String, String> properties(String json) {
        try {
            return Json.MAPPER.readValue(json, PROPERTIES);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("The properties of a stored reply cannot be read");
        }
    }
}
