// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Controllers.Approval;

/// <summary>
/// Who may have which certificate, as pure decisions with approver-policy's meaning: of the policies that are ready,
/// select the request and may be used by the requester, one that allows it is enough.
/// </summary>
internal static class ApprovalRules
{
    private const int LongestMessage = 4096;
    private const int LongestPerPolicy = 1024;
    private const int LongestList = 600;

    /// <summary>Decides on a request by all policies that there are.</summary>
    /// <remarks>
    /// Without any policy everything is approved, as cert-manager does without approver-policy. A policy that cannot
    /// be evaluated in full counts as if it were not there; where none is left, nothing is decided.
    /// </remarks>
    public static ApprovalVerdict Decide(ApprovalRequest request, IReadOnlyCollection<PolicyView> policies)
    {
        if (policies.Count == 0)
        {
            return new(
                ApprovalOutcome.Approved,
                "Certificate request has been approved: there is no CertificateRequestPolicy");
        }

        var passedOver = new List<string>();
        var objections = new List<string>();
        foreach (var policy in policies.OrderBy(policy => policy.Name, StringComparer.Ordinal))
        {
            if (WhyNotApplicable(request, policy) is { } reason)
            {
                passedOver.Add($"{policy.Name} ({reason})");
                continue;
            }

            List<string> found =
            [
                .. AllowedRules.Objections(request, policy.Spec.Allowed), .. ConstraintRules.Objections(request, policy.Spec.Constraints),
            ];
            if (found.Count == 0)
            {
                return new(
                    ApprovalOutcome.Approved, $"Approved by CertificateRequestPolicy: \"{policy.Name}\"", policy.Name);
            }

            objections.Add(Shorten($"[{policy.Name}: {string.Join(", ", found)}]", LongestPerPolicy));
        }

        return objections.Count > 0
            ? new(ApprovalOutcome.Denied, Shorten("No policy approved this request: " + string.Join(' ', objections), LongestMessage))
            : new(ApprovalOutcome.Undecided, $"No CertificateRequestPolicy applies to this requester: {Shorten(string.Join(", ", passedOver), LongestList)}. "
                + $"As soon as there is a policy, only what one allows is signed: let {Who(request)} \"use\" a policy that selects this request");
    }

    /// <summary>Whether a policy's selector covers a request.</summary>
    public static bool Selects(ApprovalRequest request, PolicySelectorView selector)
    {
        if (selector.IssuerRef is { } issuer &&
            !(Fits(issuer.Name, request.IssuerName) && Fits(issuer.Kind, request.IssuerKind) && Fits(issuer.Group, request.IssuerGroup)))
            return false;
        return selector.Namespace is not { } place ||
            ((place.MatchNames.Count == 0 || WildcardPattern.MatchesAny(place.MatchNames, request.Namespace)) &&
                (place.MatchLabels is not { Count: > 0 } labels || HasAll(request.NamespaceLabels, labels)));
    }

    private static string? WhyNotApplicable(ApprovalRequest request, PolicyView policy) =>
        !Selects(request, policy.Spec.Selector) ? "its selector does not match"
        : request.UnusablePolicies.Contains(policy.Name) ? "the requester has no right to use it"
        : PolicyReadiness.Faults(policy.Spec) is [var fault, ..] ? $"not ready: {fault}"
        : null;

    private static string Who(ApprovalRequest request) => request.Username.Length > 0 ? request.Username : "this controller";

    private static bool Fits(string? pattern, string text) => pattern is null || WildcardPattern.Matches(pattern, text);

    private static bool HasAll(IReadOnlyDictionary<string, string>? labels, IReadOnlyDictionary<string, string> wanted) =>
        labels is not null && wanted.All(pair => labels.TryGetValue(pair.Key, out var value) && value == pair.Value);

    private static string Shorten(string text, int longest) => text.Length <= longest ? text : text[..(longest - 1)] + "…";
}
