// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using Sealock.Pki.Tls;

namespace Sealock.Gateway.Metrics;

/// <summary>
/// Counts TLS handshakes. Version, suite and group are what the server chose, so that nobody else decides how many label values
/// there are.
/// </summary>
internal sealed class HandshakeMetrics
{
    private const ushort FirstHybridGroup = 4587;
    private const ushort LastHybridGroup = 4589;

    private readonly ConcurrentDictionary<Completed, long> _completed = new();
    private readonly ConcurrentDictionary<string, long> _failed = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<ushort, long> _groups = new();

    /// <summary>A handshake ended well.</summary>
    /// <param name="protocol">The version.</param>
    /// <param name="suite">The cipher suite.</param>
    /// <param name="hello">What the server chose, where that could be read.</param>
    public void Succeeded(SslProtocols protocol, TlsCipherSuite? suite, ServerHello? hello)
    {
        // Tickets are for TLS 1.3 only here: choosing the suites of TLS 1.2 switches them off.
        Count(_completed, new Completed(protocol, suite, protocol == SslProtocols.Tls13 && hello is { AcceptsPreSharedKey: true }));
        if (hello?.Group is { } group)
            Count(_groups, group);
    }

    /// <summary>A handshake ended otherwise; the reason is one of a bounded number.</summary>
    public void Failed(string reason) => Count(_failed, reason);

    /// <summary>Writes what was counted, and what the platform's TLS library offers.</summary>
    public void Write(PrometheusText text)
    {
        const string handshakes = "sealock_tls_handshakes_total";
        text.Family(handshakes, "counter", "TLS handshakes by result; of those that went well with version, suite, and whether they resumed a session.");
        foreach (var (one, count) in _completed)
        {
            text.Sample(
                handshakes, count, ("result", "ok"), ("version", Version(one.Protocol)), ("suite", one.Suite?.ToString() ?? ""),
                ("resumed", one.Resumed ? "true" : "false"), ("reason", ""));
        }

        foreach (var (reason, count) in _failed)
            text.Sample(handshakes, count, ("result", "failed"), ("version", ""), ("suite", ""), ("resumed", ""), ("reason", reason));
        const string exchanges = "sealock_tls_key_exchanges_total";
        text.Family(exchanges, "counter", "TLS 1.3 handshakes by the group that keys were exchanged in.");
        foreach (var (group, count) in _groups)
        {
            text.Sample(
                exchanges, count, ("group", TlsNames.Group(group)),
                ("post_quantum", group is >= FirstHybridGroup and <= LastHybridGroup ? "true" : "false"));
        }

        var library = TlsLibrary.Current;
        text.Family("sealock_tls_library_info", "gauge", "The TLS library of the platform.");
        text.Sample("sealock_tls_library_info", 1, ("library", library.Name), ("version", library.Version));
        text.Family("sealock_tls_post_quantum_offered", "gauge", "1 where that library exchanges keys by X25519MLKEM768 with clients that can, 0 where it cannot.");
        text.Sample("sealock_tls_post_quantum_offered", library.OffersPostQuantum ? 1 : 0);
    }

    private static void Count<TKey>(ConcurrentDictionary<TKey, long> counts, TKey key)
        where TKey : notnull => counts.AddOrUpdate(key, 1, static (_, before) => before + 1);

    private static string Version(SslProtocols protocol) => protocol switch
    {
        SslProtocols.Tls13 => "1.3",
        SslProtocols.Tls12 => "1.2",
        _ => "other",
    };

    private readonly record struct Completed(SslProtocols Protocol, TlsCipherSuite? Suite, bool Resumed);
}

/// <summary>The platform's TLS library.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Version">Its version; empty where it does not tell.</param>
/// <param name="OffersPostQuantum">Whether it offers X25519MLKEM768 unless it is configured not to.</param>
internal sealed record TlsLibrary(string Name, string Version, bool OffersPostQuantum)
{
    // OpenSSL has the group, first among its defaults, from here on; .NET leaves the groups to it.
    private static readonly Version FirstWithHybridGroups = new(3, 5);

    /// <summary>That of this process.</summary>
    public static TlsLibrary Current { get; } = Find();

    /// <summary>Reads OpenSSL's number of itself, <c>0xMNN00PP0</c> from version 3 on.</summary>
    public static TlsLibrary OpenSsl(long number)
    {
        var version = new Version((int)(number >> 28) & 0xF, (int)(number >> 20) & 0xFF, (int)(number >> 4) & 0xFF);
        return new TlsLibrary("OpenSSL", version.ToString(), version >= FirstWithHybridGroups);
    }

    private static TlsLibrary Find() =>
        OperatingSystem.IsLinux() || OperatingSystem.IsFreeBSD() ? OpenSsl(SafeEvpPKeyHandle.OpenSslVersion)
        : new TlsLibrary("system", "", false);
}
