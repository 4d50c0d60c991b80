// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using Sealock.Controllers.Acme;
using Sealock.Controllers.Hosting;
using Sealock.Controllers.Reconciling;
using Sealock.Gateway.Metrics;

namespace Sealock.Hosting;

/// <summary>
/// The metrics of the controllers. What cert-manager measures too bears its names, so that dashboards and alerts made for
/// it work unchanged.
/// </summary>
internal static class IssuanceMetrics
{
    private static readonly string[] Statuses = ["True", "False", "Unknown"];

    private static readonly (string Name, string Help, Func<CertificateFigures, DateTimeOffset?> Time)[] Times =
    [
        ("certmanager_certificate_expiration_timestamp_seconds", "When the certificate expires, in Unix time.", state => state.NotAfter),
        ("certmanager_certificate_not_after_timestamp_seconds", "Until when the certificate is valid, in Unix time.", state => state.NotAfter),
        ("certmanager_certificate_not_before_timestamp_seconds", "Since when the certificate is valid, in Unix time.", state => state.NotBefore),
        ("certmanager_certificate_renewal_timestamp_seconds", "When the certificate is renewed, in Unix time.", state => state.RenewalTime),
    ];

    /// <summary>Writes what loops did and what they look after.</summary>
    public static void Write(PrometheusText text, ImmutableArray<LoopMetrics> loops, IssuanceFigures? state, AcmeMetrics? acme, TimeProvider clock)
    {
        WriteLoops(text, loops);
        if (acme is not null)
            WriteAcme(text, acme);
        if (state is null)
            return;
        foreach (var (name, help, time) in Times)
        {
            text.Family(name, "gauge", help);
            foreach (var certificate in state.Certificates)
                text.Sample(name, Seconds(time(certificate)), Labels(certificate));
        }

        WriteReadiness(text, state);
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        text.Family("certmanager_clock_time_seconds", "counter", "The clock, in Unix time.");
        text.Sample("certmanager_clock_time_seconds", now);
        text.Family("certmanager_clock_time_seconds_gauge", "gauge", "The clock, in Unix time.");
        text.Sample("certmanager_clock_time_seconds_gauge", now);
    }

    private static void WriteLoops(PrometheusText text, ImmutableArray<LoopMetrics> loops)
    {
        const string calls = "certmanager_controller_sync_call_count";
        const string errors = "certmanager_controller_sync_error_count";
        text.Family(calls, "counter", "Looks at objects by loop.");
        foreach (var loop in loops)
            text.Sample(calls, loop.Succeeded + loop.Retried + loop.Failed, ("controller", loop.Loop));
        text.Family(errors, "counter", "Looks at objects that failed, by loop.");
        foreach (var loop in loops)
            text.Sample(errors, loop.Failed, ("controller", loop.Loop));
        const string looks = "sealock_controller_reconciles_total";
        text.Family(looks, "counter", "Looks at objects by loop and result; those to be repeated were held up for an expected reason.");
        foreach (var loop in loops)
        {
            text.Sample(looks, loop.Succeeded, ("controller", loop.Loop), ("result", "success"));
            text.Sample(looks, loop.Retried, ("controller", loop.Loop), ("result", "retry"));
            text.Sample(looks, loop.Failed, ("controller", loop.Loop), ("result", "error"));
        }

        const string depth = "workqueue_depth";
        text.Family(depth, "gauge", "Objects that wait for a look, by loop.");
        foreach (var loop in loops)
            text.Sample(depth, loop.Waiting, ("name", loop.Loop));
    }

    private static void WriteAcme(PrometheusText text, AcmeMetrics acme)
    {
        const string count = "certmanager_http_acme_client_request_count";
        const string duration = "certmanager_http_acme_client_request_duration_seconds";
        const string challenge = "certmanager_certificate_challenge_status";
        var requests = acme.Requests;
        text.Family(count, "counter", "Requests to ACME servers.");
        foreach (var request in requests)
            text.Sample(count, request.Count, Labels(request));
        text.Family(duration, "summary", "How long requests to ACME servers took.");
        foreach (var request in requests)
        {
            text.Sample($"{duration}_sum", request.Duration.TotalSeconds, Labels(request));
            text.Sample($"{duration}_count", request.Count, Labels(request));
        }

        text.Family(challenge, "gauge", "1 for each challenge that there is, with its state.");
        foreach (var sample in acme.Challenges)
        {
            text.Sample(
                challenge, 1, ("status", sample.Status), ("domain", sample.Domain), ("reason", sample.Reason),
                ("processing", sample.Processing ? "true" : "false"), ("name", sample.Name), ("namespace", sample.Namespace), ("type", sample.Type));
        }
    }

    private static (string Name, string Value)[] Labels(AcmeRequestCount request) =>
    [
        ("scheme", request.Scheme), ("host", request.Host), ("action", request.Action), ("method", request.Method),
        ("status", request.Status.ToString(System.Globalization.CultureInfo.InvariantCulture)),
    ];

    private static void WriteReadiness(PrometheusText text, IssuanceFigures state)
    {
        const string ready = "certmanager_certificate_ready_status";
        const string failed = "sealock_certificate_failed_attempts";
        const string served = "sealock_certificate_served";
        text.Family(ready, "gauge", "1 for the status that the certificate's condition Ready has.");
        foreach (var certificate in state.Certificates)
        {
            foreach (var status in Statuses)
                text.Sample(ready, certificate.Ready == status ? 1 : 0, [.. Labels(certificate), ("condition", status)]);
        }

        text.Family(failed, "gauge", "Failed tries since the certificate was issued last.");
        foreach (var certificate in state.Certificates)
            text.Sample(failed, certificate.FailedAttempts, Labels(certificate));
        text.Family(served, "gauge", "1 where the endpoints that are to serve the certificate do, 0 where one serves another, -1 where it is not known.");
        foreach (var certificate in state.Certificates.Where(certificate => certificate.Served.Length > 0))
            text.Sample(served, certificate.Served switch { "True" => 1, "False" => 0, _ => -1 }, Labels(certificate));
        WriteIssuers(text, "certmanager_issuer_ready_status", state.Issuers.Where(issuer => issuer.Namespace.Length > 0));
        WriteIssuers(text, "certmanager_clusterissuer_ready_status", state.Issuers.Where(issuer => issuer.Namespace.Length == 0));
    }

    private static void WriteIssuers(PrometheusText text, string name, IEnumerable<IssuerFigures> issuers)
    {
        text.Family(name, "gauge", "1 for the status that the issuer's condition Ready has.");
        foreach (var issuer in issuers)
        {
            foreach (var status in Statuses)
                text.Sample(name, issuer.Ready == status ? 1 : 0, ("name", issuer.Name), ("namespace", issuer.Namespace), ("condition", status));
        }
    }

    private static (string Name, string Value)[] Labels(CertificateFigures certificate) =>
    [
        ("name", certificate.Name), ("namespace", certificate.Namespace), ("issuer_name", certificate.IssuerName),
        ("issuer_kind", certificate.IssuerKind), ("issuer_group", certificate.IssuerGroup),
    ];

    private static double Seconds(DateTimeOffset? time) => time?.ToUnixTimeSeconds() ?? 0;
}
