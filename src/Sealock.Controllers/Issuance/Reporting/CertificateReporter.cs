// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using Sealock.Api.Client;
using Sealock.Api.Objects;
using Sealock.Controllers.Issuance.Deciding;
using Sealock.Controllers.Issuance.Requests;
using Sealock.Controllers.Issuance.Secrets;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Issuance.Reporting;

/// <summary>
/// Reports on Certificates from outside, by the very decisions that the loops make; and asks for renewal as cert-manager's own
/// tool does. One look: what is read is read once.
/// </summary>
public sealed class CertificateReporter(ApiClient client, TimeProvider time)
{
    private const int ToldEvents = 10;

    // Read once for all Certificates of a namespace that are reported on.
    private readonly Dictionary<string, Neighbours> _neighbours = new(StringComparer.Ordinal);

    /// <summary>The names of the Certificates of a namespace (or of all: empty) that a selector selects.</summary>
    public async Task<ImmutableArray<(string Namespace, string Name)>> FindAsync(
        string @namespace, string selector, CancellationToken cancellationToken)
    {
        var list = await client.ListAsync(
            IssuanceResources.Certificates, @namespace, new ListQuery { LabelSelector = selector }, cancellationToken);
        return [.. list.Items.Select(certificate => (certificate.Metadata.Namespace, certificate.Metadata.Name))];
    }

    /// <summary>What is known of a Certificate; null where there is none of that name.</summary>
    /// <exception cref="ApiException">The Certificate may not be read.</exception>
    public async Task<CertificateReport?> ReadAsync(string @namespace, string name, CancellationToken cancellationToken)
    {
        if (await client.FindAsync(IssuanceResources.Certificates, @namespace, name, cancellationToken) is not { } certificate)
            return null;
        var (secret, hidden) = await SecretAsync(certificate, cancellationToken);
        var neighbours = await NeighboursAsync(@namespace, cancellationToken);
        var requests = neighbours.Requests.Where(request => RequestHistory.BelongsTo(certificate, request)).ToList();
        var naming = neighbours.Certificates.Where(other => other.Spec.SecretName == certificate.Spec.SecretName).ToList();
        var revision = certificate.Status.Revision ?? 0;
        var state = new CertificateState
        {
            Certificate = certificate,
            Secret = secret,
            Current = RequestHistory.Find(certificate, requests, revision),
            Next = RequestHistory.Find(certificate, requests, revision + 1),
            Rival = SecretOwnership.RivalOf(certificate, naming, secret),
            Planned = Told(certificate, secret),
            Now = time.GetUtcNow(),
        };
        var issuer = await IssuerAsync(certificate, cancellationToken);
        return Report(state, hidden) with
        {
            IssuerState = issuer,
            Events = await EventsAsync(certificate, cancellationToken),
        };
    }

    /// <summary>Marks a Certificate to be issued anew; false where it is being issued already.</summary>
    /// <exception cref="ApiException">404 where there is none; 409 where it changed meanwhile.</exception>
    public async Task<bool> RenewAsync(string @namespace, string name, CancellationToken cancellationToken)
    {
        var certificate = await client.FindAsync(IssuanceResources.Certificates, @namespace, name, cancellationToken)
            ?? throw ApiException.NotFound(IssuanceResources.Certificates.Group, IssuanceResources.Certificates.Plural, name);
        var state = new CertificateState { Certificate = certificate, Now = time.GetUtcNow() };
        if (state.IsIssuing)
            return false;
        var status = certificate.Status.With(
            state, Conditions.Issuing, true, "ManuallyTriggered", "Certificate re-issuance manually triggered");
        if (CertificateStatus.Patch(certificate, status) is { } patch)
        {
            await client.PatchAsync(
                IssuanceResources.Certificates, @namespace, name, patch, PatchKind.Merge, "status", cancellationToken);
        }

        return true;
    }

    /// <summary>
    /// When a Certificate that is well is renewed depends on its issuer's CA, too: what the loops told is reported, as far as it is
    /// about what stands.
    /// </summary>
    private static RenewalPlan? Told(CertificateView certificate, SecretFacts? secret) =>
        certificate.Condition(Conditions.Ready) is { Status: "True" } ready
            && (ready.ObservedGeneration ?? certificate.Metadata.Generation) == certificate.Metadata.Generation
            && secret?.Leaf?.NotAfter == certificate.Status.NotAfter
            && (certificate.Status.RenewalTime, CertificateStatus.NoteIn(ready)) is var (planned, note) && (planned is not null || note.Length > 0)
            ? new(planned, Note: note) : null;

    private static CertificateReport Report(CertificateState state, bool hidden)
    {
        var (certificate, status) = (state.Certificate, state.Certificate.Status);
        var ready = certificate.Condition(Conditions.Ready);
        var (next, when, why) = Next(state, hidden);
        var request = state.Next ?? state.Current;
        return new()
        {
            Namespace = certificate.Metadata.Namespace,
            Name = certificate.Metadata.Name,
            Names = NamesOf(state.Spec),
            Ready = ready?.Status ?? "",
            ReadyReason = ready?.Reason ?? "",
            ReadyMessage = ready?.Message ?? "",
            ReadySince = ready?.LastTransitionTime,
            Revision = state.Revision,
            Cause = state.Current?.Cause ?? "",
            NotBefore = status.NotBefore,
            NotAfter = status.NotAfter,
            SecretName = state.Spec.SecretName,
            SecretProblem = hidden ? "may not be read by you" : Checks.First(state, CheckUse.Ready)?.Message ?? "",
            Issuer = state.Spec.IssuerRef.ToString(),
            Request = request?.Metadata.Name ?? "",
            RequestState = request is null ? "" : StateOf(request),
            FailedAttempts = status.FailedIssuanceAttempts ?? 0,
            Issuing = Said(certificate.Condition(Conditions.Issuing)),
            Served = Said(certificate.Condition(Conditions.Served)),
            Next = next,
            NextTime = when,
            NextReason = why,
        };
    }

    private static (string Next, DateTimeOffset? When, string Why) Next(CertificateState state, bool hidden)
    {
        if (state.IsIssuing)
        {
            return ("wait", null, state.Next switch
            {
                null => $"a request is about to be made ({Said(state.Certificate.Condition(Conditions.Issuing))})",
                { IsIssued: true } => "the issued certificate is about to be written into the Secret",
                { } request => $"{StateOf(request)} (request {request.Metadata.Name})",
            });
        }

        if (hidden)
            return state.Certificate.Status.RenewalTime is { } planned ? ("renew", planned, "as the status says") : ("none", null, "the Secret may not be read by you");
        var decision = IssuanceDecision.For(state);
        return decision.Step switch
        {
            IssuanceStep.Issue => ("issue", null, decision.Cause?.Message ?? ""),
            IssuanceStep.Restore => ("restore", null, decision.Cause?.Message ?? ""),
            IssuanceStep.Wait => ("retry", decision.RetryAt, decision.Cause?.Message ?? ""),
            IssuanceStep.Refuse => ("refused", null, decision.NotReady?.Message ?? ""),
            _ => decision.Renewal.Time is { } renewal
                ? ("renew", renewal, decision.Renewal.Note) : ("none", null, decision.Renewal.Note),
        };
    }

    private static ImmutableArray<string> NamesOf(CertificateSpecView spec) =>
    [
        .. (spec.LiteralSubject.Length > 0 ? [spec.LiteralSubject] : spec.CommonName.Length > 0 ? [spec.CommonName] : (string[])[])
            .Concat(spec.DnsNames).Concat(spec.IpAddresses).Concat(spec.Uris).Concat(spec.EmailAddresses).Distinct(),
    ];

    private static string StateOf(CertificateRequestView request)
    {
        var condition = request.IsInvalid ? request.Condition(RequestConditions.InvalidRequest)
            : request.IsDenied ? request.Condition(RequestConditions.Denied) : request.Condition(RequestConditions.Ready);
        return condition is null ? request.IsApproved ? "approved, not signed yet" : "not approved yet" : Said(condition);
    }

    private static string Said(ConditionView? condition) => condition switch
    {
        null => "",
        { Message.Length: 0 } => condition.Reason,
        { Reason.Length: 0 } => condition.Message,
        _ => $"{condition.Reason}: {condition.Message}",
    };

    private async Task<Neighbours> NeighboursAsync(string @namespace, CancellationToken cancellationToken)
    {
        if (!_neighbours.TryGetValue(@namespace, out var neighbours))
        {
            _neighbours[@namespace] = neighbours = new(
                (await client.ListAsync(IssuanceResources.Certificates, @namespace, null, cancellationToken)).Items,
                (await client.ListAsync(IssuanceResources.Requests, @namespace, null, cancellationToken)).Items);
        }

        return neighbours;
    }

    private async Task<(SecretFacts? Secret, bool Hidden)> SecretAsync(CertificateView certificate, CancellationToken cancellationToken)
    {
        try
        {
            return (await client.FindAsync(
                IssuanceResources.Secrets, certificate.Metadata.Namespace, certificate.Spec.SecretName, cancellationToken), false);
        }
        catch (ApiException forbidden) when (forbidden.Code == 403)
        {
            return (null, true);
        }
    }

    private async Task<string> IssuerAsync(CertificateView certificate, CancellationToken cancellationToken)
    {
        var reference = certificate.Spec.IssuerRef;
        if (reference.Group != IssuerReferenceView.OwnGroup)
            return "of another program";
        try
        {
            var issuer = reference.IsCluster
                ? await client.FindAsync(IssuanceResources.ClusterIssuers, "", reference.Name, cancellationToken)
                : await client.FindAsync(IssuanceResources.Issuers, certificate.Metadata.Namespace, reference.Name, cancellationToken);
            return issuer is null ? "does not exist"
                : issuer.Status.Conditions.FirstOrDefault(condition => condition.Type == Conditions.Ready) is { } ready
                    ? $"{(ready.Status == "True" ? "ready" : "not ready")}, {Said(ready)}" : "nobody has looked at it yet";
        }
        catch (ApiException forbidden) when (forbidden.Code == 403)
        {
            return "may not be read by you";
        }
    }

    private async Task<ImmutableArray<ToldEvent>> EventsAsync(CertificateView certificate, CancellationToken cancellationToken)
    {
        try
        {
            var query = new ListQuery { FieldSelector = $"involvedObject.uid={certificate.Metadata.Uid}" };
            var list = await client.ListAsync(ResourceTypes.ToldEvents, certificate.Metadata.Namespace, query, cancellationToken);
            return
            [
                .. list.Items.OrderBy(told => told.LastTimestamp).TakeLast(ToldEvents)
                    .Select(told => new ToldEvent(told.LastTimestamp, told.Type, told.Reason, told.Message, Math.Max(told.Count, 1))),
            ];
        }
        catch (ApiException forbidden) when (forbidden.Code == 403)
        {
            return [];
        }
    }

    /// <summary>What is in a Certificate's namespace.</summary>
    private sealed record Neighbours(IReadOnlyList<CertificateView> Certificates, IReadOnlyList<CertificateRequestView> Requests);
}
