// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Certificates;
using Sealock.Pki.Tls;

namespace Sealock.Cluster.Handshakes;

/// <summary>Tells a connection as events in the order of time. Pure; tells only what was seen or reported.</summary>
internal static class HandshakeStory
{
    public const string SessionOfBefore = "session of before";

    /// <summary>All events of one connection.</summary>
    public static IReadOnlyList<HandshakeEvent> Tell(Observation seen, int connection = 1)
    {
        var events = new List<HandshakeEvent>();
        if (seen.ConnectedAt is { } connected)
            events.Add(Event(connected, HandshakeStep.Connection, $"connected to {seen.Address}"));
        var (client, server) = seen.Flows;
        events.AddRange(ClientStory.Tell(seen, client, server.ServerHello));
        events.AddRange(ServerStory.Tell(seen, server));
        events.AddRange(LibraryStory.Tell(seen));
        // Stable: what came with one piece of the wire stays in its order, and the library's word comes after it.
        return [.. events.OrderBy(told => told.At).Select(told => told with { Connection = connection })];
    }

    public static HandshakeEvent Event(TimeSpan at, HandshakeStep step, string text, params IReadOnlyList<HandshakeDetail> details) =>
        new() { At = at, Source = HandshakeSource.Wire, Step = step, Text = text, Details = details };

    public static IReadOnlyList<HandshakeDetail> Chain(IReadOnlyList<Certificate> chain, string? problem)
    {
        var details = new List<HandshakeDetail>();
        for (var i = 0; i < chain.Count; i++)
        {
            var certificate = chain[i];
            details.Add(new(
                $"certificate {i + 1}",
                $"{certificate.Subject}; issued by {certificate.Issuer}; valid {certificate.NotBefore:yyyy-MM-dd HH:mm:ss}Z to {certificate.NotAfter:yyyy-MM-dd HH:mm:ss}Z; {certificate.PublicKey.Description}"));
        }

        if (problem is not null)
            details.Add(new("unreadable", problem));
        return details;
    }

    /// <summary>Neighbouring records that only the two sides can read, told together where they came together.</summary>
    public static IEnumerable<(TlsItem First, int Count, int Bytes, TimeSpan At)> Together(IReadOnlyList<TlsItem> items, WireSide side)
    {
        for (var i = 0; i < items.Count;)
        {
            var (first, at, count, bytes) = (items[i], side.TimeOf(items[i].End), 1, 0);
            if (first is TlsEncryptedRecord record)
            {
                bytes = record.Length;
                while (i + count < items.Count && items[i + count] is TlsEncryptedRecord next
                    && next.ContentType == record.ContentType && side.TimeOf(next.End) == at)
                {
                    bytes += next.Length;
                    count++;
                }
            }

            yield return (first, count, bytes, at);
            i += count;
        }
    }

    public static string Records(int count, int bytes) => $"{count} {(count == 1 ? "record" : "records")}, {bytes} bytes";

    public static string Alert(TlsAlertMessage alert) =>
        $"alert {TlsNames.Alert(alert.Alert)} ({(byte)alert.Alert}, {(alert.IsFatal ? "fatal" : "warning")})";

    public static IReadOnlyList<string> Versions(ClientHelloDetails offer) => offer.ListsVersions
        ? Names(offer.Hello.Versions, TlsNames.Version)
        : [$"up to {TlsNames.Version(offer.Hello.LegacyVersion)}"];

    public static IReadOnlyList<string> Names(IEnumerable<ushort> values, Func<ushort, string> name) =>
        [.. values.Select(name).Where(text => text != "GREASE")];
}
