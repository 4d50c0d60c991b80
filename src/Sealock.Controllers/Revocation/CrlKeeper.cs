// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Sealock.Api.Client;
using Sealock.Api.Objects;
using Sealock.Controllers.Definitions;
using Sealock.Controllers.Reconciling;
using Sealock.Controllers.Revocation.Definitions;
using Sealock.Controllers.Views;
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Revocation;

namespace Sealock.Controllers.Revocation;

/// <summary>
/// Keeps the list of every CA whose key is here: stored first, and handed out from the store only, so that a number is
/// never seen on two lists, whatever crashes and however many processes have the key. A key is a CA's identifier; the
/// empty one stands for a look at which CAs there are.
/// </summary>
internal sealed partial class CrlKeeper(
    ApiClient client, CrlAuthorities authorities, Informer<RevocationView> revocations, CrlTimes times, TimeProvider time,
    ILogger logger, Action<string>? faultPoint = null)
{
    /// <summary>Asks for a look at which CAs there are.</summary>
    public static readonly ObjectKey Survey = new("", "");

    private static readonly TimeSpan SurveyInterval = TimeSpan.FromMinutes(1);
    private const int MostEntries = 100_000;
    private static readonly TimeSpan LongestRest = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<string, DateTimeOffset> _restUntil = new(StringComparer.Ordinal);
    private readonly Dictionary<string, CertificateAuthority> _seen = new(StringComparer.Ordinal);

    /// <summary>Told to look at a CA that was not there before, or in another form.</summary>
    public Action<ObjectKey>? Look { get; set; }

    public async ValueTask<Reconciliation> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        var present = authorities.Current;
        if (key == Survey)
            return LookAtNew(present);
        if (!present.TryGetValue(key.Name, out var authority) || time.GetUtcNow() >= authority.Certificate.NotAfter)
            return Reconciliation.Done;
        if (!revocations.IsSynced)
            return Reconciliation.TryAgain("not all revocations are known yet");
        return await KeepAsync(key.Name, authority, cancellationToken);
    }

    private Reconciliation LookAtNew(IReadOnlyDictionary<string, CertificateAuthority> present)
    {
        foreach (var (keyId, authority) in present)
        {
            if (_seen.TryGetValue(keyId, out var before) && before == authority)
                continue;
            _seen[keyId] = authority;
            Look?.Invoke(new ObjectKey("", keyId));
        }

        foreach (var gone in _seen.Keys.Except(present.Keys).ToList())
            _seen.Remove(gone);
        return Reconciliation.After(SurveyInterval);
    }

    private async ValueTask<Reconciliation> KeepAsync(string keyId, CertificateAuthority authority, CancellationToken cancellationToken)
    {
        // A long list is not read again for every certificate that is revoked in a rush.
        var now = time.GetUtcNow();
        if (_restUntil.TryGetValue(keyId, out var until) && now < until && until - now <= times.IntervalAfter(MostEntries))
            return Reconciliation.After(until - now);
        var list = await EnsureAsync(keyId, authority, cancellationToken);
        var decision = Decide(list, authority, revocations.Objects.Values);
        if (decision.Request is not null)
        {
            // What was followed may lag behind what another process has listed already: nothing is taken off a list,
            // nor left off it, but on the word of the server itself.
            var current = await client.ListAsync(RevocationTypes.Certificates, "", null, cancellationToken);
            decision = Decide(list, authority, current.Items);
        }

        if (decision.Request is { } request)
        {
            await IssueAsync(list, authority, request, decision.Why, cancellationToken);
            _restUntil[keyId] = now + times.IntervalAfter(request.Revoked.Count);
        }

        var rest = decision.LookAgainAfter < LongestRest ? decision.LookAgainAfter : LongestRest;
        return Reconciliation.After(rest > TimeSpan.Zero ? rest : TimeSpan.FromSeconds(1));
    }

    private CrlDecision Decide(WholeListView list, CertificateAuthority authority, IEnumerable<RevocationView> known) => CrlRules.Decide(
        authority.Certificate, Read(list), list.Status.Number,
        known.Where(revocation => revocation.Spec.Authority.KeyId == list.Metadata.Name).Select(CrlRules.Dated),
        time.GetUtcNow(), times);

    /// <summary>The list's object, made where it is missing, and with the CA's certificate of today.</summary>
    private async ValueTask<WholeListView> EnsureAsync(string keyId, CertificateAuthority authority, CancellationToken cancellationToken)
    {
        var pem = authority.Certificate.ToPem();
        var list = await client.FindAsync(RevocationTypes.WholeLists, "", keyId, cancellationToken);
        if (list is not null && list.Spec.Certificate == pem)
            return list;
        var spec = new JsonObject
        {
            ["authority"] = new JsonObject { ["keyId"] = keyId, ["subject"] = authority.Certificate.Subject.ToString() },
            ["certificate"] = pem,
        };
        if (list is not null)
            return await client.PatchAsync(RevocationTypes.WholeLists, "", keyId, Patch(list, "spec", spec), cancellationToken: cancellationToken);
        var @object = new JsonObject
        {
            ["apiVersion"] = RevocationDefinitions.Group + "/v1",
            ["kind"] = "RevocationList",
            ["metadata"] = new JsonObject { ["name"] = keyId },
            ["spec"] = spec,
        };
        list = await client.CreateAsync(RevocationTypes.WholeLists, "", @object, cancellationToken);
        faultPoint?.Invoke("list created");
        return list;
    }

    private async ValueTask IssueAsync(
        WholeListView list, CertificateAuthority authority, CrlRequest request, string why, CancellationToken cancellationToken)
    {
        CertificateRevocationList crl;
        try
        {
            crl = authority.IssueCrl(request);
        }
        catch (InvalidOperationException refusal)
        {
            await TellAsync(list, "False", "MayNotSign", $"{refusal.Message}; it can revoke, but publish no list", [], cancellationToken);
            return;
        }

        faultPoint?.Invoke("list signed");
        var number = (long)request.Number;
        try
        {
            await TellAsync(
                list, "True", "Published", $"List {number} names {request.Revoked.Count} certificates: {why}",
                [
                    new("number", number),
                    new("thisUpdate", ObjectFields.Rfc3339(request.ThisUpdate)),
                    new("nextUpdate", ObjectFields.Rfc3339(request.NextUpdate)),
                    new("entries", request.Revoked.Count),
                    new("crl", Convert.ToBase64String(crl.Der.Span)),
                ],
                cancellationToken);
        }
        catch (ApiException large) when (large.Code == 413)
        {
            await TellAsync(
                list, "False", "TooLarge", $"A list of {request.Revoked.Count} certificates ({crl.Der.Length} bytes) does not fit into an object", [],
                cancellationToken);
            return;
        }

        LogIssued(logger, authority.Certificate.Subject, number, request.Revoked.Count, why);
        faultPoint?.Invoke("list stored");
    }

    private async ValueTask TellAsync(
        WholeListView list, string status, string reason, string message, IEnumerable<KeyValuePair<string, JsonNode?>> fields,
        CancellationToken cancellationToken)
    {
        var condition = ReadyCondition.Next(
            list.Status.Conditions, status, reason, message, list.Metadata.Generation, time.GetUtcNow());
        if (list.Status.Conditions.Contains(condition))
            return;
        var change = new JsonObject(fields) { ["conditions"] = ReadyCondition.ToJson(list.Status.Conditions, condition) };
        await client.PatchAsync(
            RevocationTypes.WholeLists, "", list.Metadata.Name, Patch(list, "status", change), PatchKind.Merge, "status", cancellationToken);
    }

    private static JsonObject Patch(WholeListView list, string field, JsonObject change) => new()
    {
        ["metadata"] = new JsonObject
        {
            ["uid"] = list.Metadata.Uid,
            ["resourceVersion"] = list.Metadata.ResourceVersion,
        },
        [field] = change,
    };

    /// <summary>The list that is stored; null where there is none, or it cannot be read.</summary>
    internal static CertificateRevocationList? Read(WholeListView list)
    {
        try
        {
            return list.Status.Crl.Length == 0 ? null : CertificateRevocationList.Parse(list.Status.Crl);
        }
        catch (PkiFormatException)
        {
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "revocation list {Number} of {Authority} with {Entries} entries: {Why}")]
    private static partial void LogIssued(ILogger logger, DistinguishedName authority, long number, int entries, string why);
}
