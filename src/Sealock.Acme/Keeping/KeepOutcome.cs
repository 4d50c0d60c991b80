// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Certificates;

namespace Sealock.Acme.Keeping;

/// <summary>What became of a kept certificate.</summary>
public abstract record KeepOutcome
{
    private KeepOutcome()
    {
    }

    /// <summary>It is valid and not due.</summary>
    /// <param name="Certificate">The certificate.</param>
    /// <param name="DueAt">When it is due.</param>
    /// <param name="Explanation">The CA's page on why then; null for none.</param>
    public sealed record Kept(Certificate Certificate, DateTimeOffset DueAt, string? Explanation) : KeepOutcome;

    /// <summary>It is due; nothing was done, as was wanted.</summary>
    /// <param name="Reason">Why it is due.</param>
    public sealed record Due(string Reason) : KeepOutcome;

    /// <summary>There is a new one.</summary>
    /// <param name="Certificate">The certificate.</param>
    /// <param name="Reason">Why it was issued.</param>
    /// <param name="Problems">What did not work beside it: answers left behind, a reload command that failed.</param>
    public sealed record Issued(Certificate Certificate, string Reason, IReadOnlyList<string> Problems) : KeepOutcome;

    /// <summary>The server does not want to be asked before an instant; what stands stays.</summary>
    /// <param name="Message">Why, in one line.</param>
    /// <param name="Until">The instant; null where the server named none.</param>
    public sealed record Limited(string Message, DateTimeOffset? Until) : KeepOutcome;

    /// <summary>It failed before, and is not tried yet again; what stands stays.</summary>
    /// <param name="Failures">How often in a row it failed.</param>
    /// <param name="Message">Why it failed the last time.</param>
    /// <param name="Until">When it is tried again.</param>
    public sealed record Waiting(int Failures, string Message, DateTimeOffset Until) : KeepOutcome;

    /// <summary>There is no new one; what stands stays.</summary>
    /// <param name="Message">Why, in one line with the remedy.</param>
    /// <param name="NextTry">When <c>renew</c> tries again; null where it does the next time it is run.</param>
    public sealed record Failed(string Message, DateTimeOffset? NextTry = null) : KeepOutcome;
}
