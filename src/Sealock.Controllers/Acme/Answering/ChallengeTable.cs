// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Acme.Challenges;
using Sealock.Acme.Messages;
using Sealock.Controllers.Acme.Views;
using Sealock.Controllers.Definitions;
using Sealock.Pki;
using Sealock.Pki.Tls;

namespace Sealock.Controllers.Acme.Answering;

/// <summary>
/// What listeners answer ACME validations from: the stored Challenges, as an immutable snapshot that is swapped whole. Every
/// replica that follows the same store answers the same. Only those are answered whose status says that they are presented: who
/// may make Challenges may not write that, and shall not have this server vouch for an account of his own. Bounded: what is
/// beyond the bound is not answered.
/// </summary>
public sealed class ChallengeTable(TimeProvider time)
{
    private const int Most = 50_000;

    private readonly Lock _changing = new();
    private ImmutableDictionary<string, Entry> _entries = ImmutableDictionary.Create<string, Entry>(StringComparer.Ordinal);
    private volatile Snapshot _snapshot = Snapshot.Empty;

    /// <summary>Takes over a Challenge that was created or changed (the stored object).</summary>
    public void Put(string @namespace, string name, JsonObject challenge)
    {
        var (spec, status) = (challenge.Map("spec") ?? [], challenge.Map("status") ?? []);
        Put($"{@namespace}/{name}", Entry.Of(
            spec.Text("type"), spec.Text("dnsName"), spec.Text("token"), spec.Text("key"), status.IsTrue("presented"),
            status.Text("state") is OrderStates.Valid or OrderStates.Invalid or OrderStates.Expired or OrderStates.Errored));
    }

    /// <summary>Forgets a Challenge that was deleted.</summary>
    public void Remove(string @namespace, string name) => Put($"{@namespace}/{name}", null);

    /// <summary>The certificate that a TLS-ALPN-01 validation of this server name is to see; null where none is under way.</summary>
    public ServingCertificate? CertificateFor(string serverName) =>
        _snapshot.ByName.TryGetValue(serverName.TrimEnd('.'), out var entry) ? entry.Certificate(time) : null;

    /// <summary>The key authorization that an HTTP-01 validation of this token is to read; null where none is under way.</summary>
    public string? KeyFor(string token) => _snapshot.ByToken.TryGetValue(token, out var entry) ? entry.Key : null;

    /// <summary>How many Challenges are answered.</summary>
    public int Count => _entries.Count;

    internal void Put(ChallengeView challenge) => Put(challenge.Metadata.Key, Entry.Of(
        challenge.Spec.Type, challenge.Spec.DnsName, challenge.Spec.Token, challenge.Spec.Key, challenge.Status.Presented, challenge.IsOver));

    private void Put(string key, Entry? entry)
    {
        lock (_changing)
        {
            var old = _entries.GetValueOrDefault(key);
            if (old == entry || (old is null && _entries.Count >= Most))
                return;
            _entries = entry is null ? _entries.Remove(key) : _entries.SetItem(key, entry);
            var snapshot = _snapshot;
            if (old is not null)
                snapshot = snapshot.Without(old, _entries.Values);
            if (entry is not null)
                snapshot = snapshot.With(entry);
            _snapshot = snapshot;
        }
    }

    private sealed record Snapshot(ImmutableDictionary<string, Entry> ByToken, ImmutableDictionary<string, Entry> ByName)
    {
        public static Snapshot Empty { get; } = new(
            ImmutableDictionary.Create<string, Entry>(StringComparer.Ordinal), ImmutableDictionary.Create<string, Entry>(StringComparer.OrdinalIgnoreCase));

        /// <summary>A certificate can answer one challenge of a name only: the latest, and one of a name is at work at a time.</summary>
        public Snapshot With(Entry entry) => entry.Type == ChallengeTypes.Http01
            ? this with { ByToken = ByToken.SetItem(entry.Token, entry) }
            : this with { ByName = ByName.SetItem(entry.ServerName, entry) };

        public Snapshot Without(Entry entry, IEnumerable<Entry> others)
        {
            if (entry.Type == ChallengeTypes.Http01)
                return ByToken.GetValueOrDefault(entry.Token) == entry ? this with { ByToken = ByToken.Remove(entry.Token) } : this;
            if (ByName.GetValueOrDefault(entry.ServerName) != entry)
                return this;
            var next = others.FirstOrDefault(other => other.Type == entry.Type && other.ServerName == entry.ServerName);
            return this with { ByName = next is null ? ByName.Remove(entry.ServerName) : ByName.SetItem(entry.ServerName, next) };
        }
    }

    private sealed record Entry(string Type, string ServerName, string Token, string Key)
    {
        private readonly Lazily _certificate = new();

        public static Entry? Of(string type, string name, string token, string key, bool isPresented, bool isOver)
        {
            var acmeType = type.ToLowerInvariant();
            if (isOver || !isPresented || token.Length == 0 || key.Length == 0)
                return null;
            if (acmeType == ChallengeTypes.Http01)
                return new(acmeType, "", token, key);
            if (acmeType != ChallengeTypes.TlsAlpn01)
                return null;
            try
            {
                return new(acmeType, AnswerOf(name, key).ServerName, token, key) { Name = name };
            }
            catch (PkiFormatException)
            {
                return null;
            }
        }

        private string Name { get; init; } = "";

        /// <summary>Made when it is first asked for: most validations ask one replica only.</summary>
        public ServingCertificate Certificate(TimeProvider time) => _certificate.Value(() => AnswerOf(Name, Key).CreateCertificate(time.GetUtcNow()));

        public bool Equals(Entry? other) => other is not null
            && (Type, ServerName, Token, Key) == (other.Type, other.ServerName, other.Token, other.Key);

        public override int GetHashCode() => HashCode.Combine(Type, ServerName, Token, Key);

        private static TlsAlpn01Answer AnswerOf(string name, string key) => new(
            AcmeIdentifier.Parse(name), Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key))));
    }

    private sealed class Lazily
    {
        private readonly Lock _making = new();
        private ServingCertificate? _made;

        public ServingCertificate Value(Func<ServingCertificate> make)
        {
            lock (_making)
                return _made ??= make();
        }
    }
}
