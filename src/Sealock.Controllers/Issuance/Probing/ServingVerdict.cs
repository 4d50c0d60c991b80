// SPDX-License-Identifier: Apache-2.0
using Sealock.Controllers.Definitions;
using Sealock.Controllers.Views;
using Sealock.Pki;
using Sealock.Pki.Certificates;

namespace Sealock.Controllers.Issuance.Probing;

/// <summary>Whether a certificate that was issued is also served: a pure judgement of what endpoints answered.</summary>
internal sealed record ServingVerdict(bool? IsServed, string Reason, string Message)
{
    public const string NotServed = "NotServed";
    public const string Unreachable = "Unreachable";

    /// <summary>An endpoint that serves something else weighs more than one that does not answer.</summary>
    public static ServingVerdict Of(Print issued, IReadOnlyList<(ProbeTarget Target, ProbeAnswer Answer)> answers)
    {
        var others = answers.Where(answer => !answer.Answer.Leaf.IsEmpty && Print.Of(answer.Answer.Leaf.Span) != issued).ToList();
        if (others.Count > 0)
        {
            return new(false, NotServed, $"renewed but not served: {string.Join("; ", others.Select(other =>
                $"{Place(other.Target)} serves {Describe(other.Answer.Leaf)}"))}");
        }

        var silent = answers.Where(answer => answer.Answer.Leaf.IsEmpty).ToList();
        return silent.Count > 0
            ? new(null, Unreachable, string.Join("; ", silent.Select(answer =>
                answer.Answer.Problem.Contains(Place(answer.Target), StringComparison.Ordinal)
                    ? answer.Answer.Problem : $"{Place(answer.Target)}: {answer.Answer.Problem}")))
            : new(true, "Served", $"served by {string.Join(", ", answers.Select(answer => Place(answer.Target)))}");
    }

    private static string Place(ProbeTarget target) =>
        target.Host.Contains(':', StringComparison.Ordinal) ? $"[{target.Host}]:{target.Port}" : $"{target.Host}:{target.Port}";

    private static string Describe(ReadOnlyMemory<byte> leaf)
    {
        try
        {
            var certificate = Certificate.ParseForInspection(leaf);
            return $"another certificate (serial {certificate.SerialNumber}, until {ObjectFields.Rfc3339(certificate.NotAfter)})";
        }
        catch (PkiFormatException)
        {
            return "a certificate that cannot be read";
        }
    }
}
