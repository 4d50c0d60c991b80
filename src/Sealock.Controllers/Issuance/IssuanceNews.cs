// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Logging;
using Sealock.Controllers.Definitions;
using Sealock.Controllers.Issuance.Deciding;
using Sealock.Controllers.Issuance.Issuers;
using Sealock.Controllers.Reconciling;
using Sealock.Controllers.Views;
using Sealock.Pki.Certificates;

namespace Sealock.Controllers.Issuance;

/// <summary>
/// Tells what becomes of Certificates and issuers: in events, and in one line of the log for each certificate that was issued,
/// refused, failed or expired, and for each issuer that can sign no longer, or soon. What others wrote is told in one line without
/// control characters.
/// </summary>
internal sealed partial class IssuanceNews(EventRecorder? events, ILogger logger)
{
    private const int LongestText = 512;

    /// <summary>An issuance begins.</summary>
    public void Begun(CertificateView certificate, Violation cause) =>
        Say(certificate, EventRecorder.Normal, "Issuing", $"{Conditions.IssuingPrefix}{cause.Message}");

    /// <summary>Nobody has approved the request yet, and why.</summary>
    public void Waits(CertificateView certificate, CertificateRequestView request, string why) =>
        Say(certificate, EventRecorder.Warning, "NotApproved", $"{request.Metadata.Name}: {why}");

    /// <summary>A revision was issued, and its Secret written.</summary>
    public void Issued(CertificateView certificate, CertificateRequestView request, int revision, Certificate leaf)
    {
        var deed = request.Cause.Split(':')[0] switch
        {
            Reasons.Renewing or Reasons.Expired => "renewed",
            Reasons.AuthorityReplaced => "rotated",
            _ => "issued",
        };
        var (end, cause) = (ObjectFields.Rfc3339(leaf.NotAfter), OneLine(request.Cause));
        LogIssued(logger, certificate.Metadata.Namespace, certificate.Metadata.Name, deed, revision, certificate.Spec.IssuerRef,
            leaf.SerialNumber, end, cause);

        Say(certificate, EventRecorder.Normal, "Issuing", $"The certificate has been successfully issued (revision {revision}, until {end})");
    }

    /// <summary>A request that no Certificate stands behind was signed.</summary>
    public void Issued(CertificateRequestObject request, Certificate leaf)
    {
        var end = ObjectFields.Rfc3339(leaf.NotAfter);
        LogRequestIssued(logger, request.Metadata.Namespace, request.Metadata.Name, request.Spec.IssuerRef, leaf.SerialNumber, end);
    }

    /// <summary>A request that no Certificate stands behind was not signed, and will not be.</summary>
    public void Failed(CertificateRequestObject request, string reason, string why)
    {
        var told = OneLine(why);
        LogRequestFailed(
            logger, request.Metadata.Namespace, request.Metadata.Name, reason == "Denied" ? "denied" : "failed", request.Spec.IssuerRef, told);
    }

    /// <summary>An issuance failed, and is tried again.</summary>
    public void Failed(
        CertificateView certificate, CertificateRequestView request, int revision, string reason, string message, string why, DateTimeOffset retry)
    {
        var (at, told, cause) = (ObjectFields.Rfc3339(retry), OneLine(why), OneLine(request.Cause));
        LogFailed(logger, certificate.Metadata.Namespace, certificate.Metadata.Name, request.IsDenied ? "denied" : "failed", revision,
            certificate.Spec.IssuerRef, at, told, cause);
        Say(certificate, EventRecorder.Warning, reason, message);
    }

    /// <summary>What is specified cannot be issued.</summary>
    public void Refused(CertificateView certificate, Violation why)
    {
        var told = OneLine(why.Message);
        LogRefused(logger, certificate.Metadata.Namespace, certificate.Metadata.Name, why.Reason, told);
        Say(certificate, EventRecorder.Warning, why.Reason, why.Message);
    }

    /// <summary>A Secret has its certificate again without a new one being issued.</summary>
    public void Restored(CertificateView certificate, int revision)
    {
        LogRestored(logger, certificate.Metadata.Namespace, certificate.Metadata.Name, certificate.Spec.SecretName, revision);
        Say(certificate, EventRecorder.Normal, "Restored",
            $"The Secret {certificate.Spec.SecretName} has its certificate of revision {revision} again");
    }

    /// <summary>A revision was issued but is of no use.</summary>
    public void Abandoned(CertificateView certificate, int revision, string why)
    {
        LogAbandoned(logger, certificate.Metadata.Namespace, certificate.Metadata.Name, revision, why);
        Say(certificate, EventRecorder.Warning, "Abandoned", $"Revision {revision} was issued but cannot be used: {why}");
    }

    /// <summary>What is to be known of a Certificate that stands, told when it becomes so: the condition Ready says whether it was.</summary>
    public void Standing(CertificateView before, Violation? notReady, RenewalPlan renewal)
    {
        var said = before.Condition(Conditions.Ready)?.Message ?? "";
        if (notReady is { Reason: Reasons.KeystoreIncomplete } && said != notReady.Message)
            Say(before, EventRecorder.Warning, notReady.Reason, notReady.Message);
        else if (notReady is null && renewal.Reason is Reasons.WindowError or Reasons.IssuerEnds or Reasons.RenewalPostponed
            && !said.EndsWith(renewal.Note, StringComparison.Ordinal))
            Say(before, renewal.Reason == Reasons.IssuerEnds ? EventRecorder.Normal : EventRecorder.Warning, renewal.Reason, renewal.Note);
    }

    /// <summary>A Certificate is not ready from now on because what stands has expired.</summary>
    public void Expired(CertificateView certificate, string message)
    {
        LogExpired(logger, certificate.Metadata.Namespace, certificate.Metadata.Name, message);
        Say(certificate, EventRecorder.Warning, Reasons.Expired, message);
    }

    /// <summary>The condition Ready of an issuer says something else than <paramref name="before"/>.</summary>
    public void Told(IssuerView issuer, ConditionView? before, IssuerCheck check)
    {
        var (@namespace, warns) = (issuer.Metadata.Namespace, check.Concern.Length > 0);
        events?.Say(
            IssuanceResources.ApiVersion, issuer.Kind, issuer.Metadata, check.IsReady && !warns ? EventRecorder.Normal : EventRecorder.Warning,
            warns ? Reasons.AuthorityEnds : check.Reason, check.Message);
        var name = @namespace.Length > 0 ? $"{@namespace}/{issuer.Metadata.Name}" : issuer.Metadata.Name;
        var told = OneLine(warns ? check.Concern : check.Message);
        if (!check.IsReady && before is { Status: "True" })
            LogNotReady(logger, issuer.Kind, name, check.Reason, told);
        else if (warns && before?.Message != check.Message)
            LogConcern(logger, issuer.Kind, name, told);
    }

    private void Say(CertificateView certificate, string type, string reason, string message) =>
        events?.Say(IssuanceResources.ApiVersion, "Certificate", certificate.Metadata, type, reason, message);

    private static string OneLine(string text) => string.Concat(
        (text.Length <= LongestText ? text : text[..LongestText]).Select(letter => char.IsControl(letter) ? ' ' : letter));

    [LoggerMessage(Level = LogLevel.Information, Message =
        "certificate {Namespace}/{Name}: {Deed} as revision {Revision} by {Issuer}, serial {Serial}, valid until {NotAfter} ({Cause})")]
    private static partial void LogIssued(
        ILogger logger, string @namespace, string name, string deed, int revision, IssuerReferenceView issuer,
        SerialNumber serial, string notAfter, string cause);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "certificate {Namespace}/{Name}: revision {Revision} {Deed} by {Issuer}, tried again at {Retry}: {Why} (needed for {Cause})")]
    private static partial void LogFailed(
        ILogger logger, string @namespace, string name, string deed, int revision, IssuerReferenceView issuer, string retry,
        string why, string cause);

    [LoggerMessage(Level = LogLevel.Information, Message =
        "certificate request {Namespace}/{Name}: issued by {Issuer}, serial {Serial}, valid until {NotAfter}")]
    private static partial void LogRequestIssued(
        ILogger logger, string @namespace, string name, IssuerReferenceView issuer, SerialNumber serial, string notAfter);

    [LoggerMessage(Level = LogLevel.Warning, Message = "certificate request {Namespace}/{Name}: {Deed} by {Issuer}: {Why}")]
    private static partial void LogRequestFailed(ILogger logger, string @namespace, string name, string deed, IssuerReferenceView issuer, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "certificate {Namespace}/{Name}: not issued, {Reason}: {Why}")]
    private static partial void LogRefused(ILogger logger, string @namespace, string name, string reason, string why);

    [LoggerMessage(Level = LogLevel.Information, Message =
        "certificate {Namespace}/{Name}: its Secret {Secret} has the certificate of revision {Revision} again")]
    private static partial void LogRestored(ILogger logger, string @namespace, string name, string secret, int revision);

    [LoggerMessage(Level = LogLevel.Warning, Message = "certificate {Namespace}/{Name}: revision {Revision} was issued but cannot be used: {Why}")]
    private static partial void LogAbandoned(ILogger logger, string @namespace, string name, int revision, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "certificate {Namespace}/{Name}: not ready from now on: {Why}")]
    private static partial void LogExpired(ILogger logger, string @namespace, string name, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Kind} {Name}: not ready from now on, {Reason}: {Why}")]
    private static partial void LogNotReady(ILogger logger, string kind, string name, string reason, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Kind} {Name}: {Why}")]
    private static partial void LogConcern(ILogger logger, string kind, string name, string why);
}
