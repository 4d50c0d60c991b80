// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Surveying;

namespace Sealock.Cluster.Verifying;

/// <summary>What a rule says of its subject: what is wrong and how to put it right.</summary>
/// <param name="What">What is wrong.</param>
/// <param name="Fix">What to do: a command or an edit.</param>
internal sealed record Fault(string What, string Fix)
{
    /// <summary>How bad it is, where it differs from the rule's own severity.</summary>
    public Severity? Severity { get; init; }

    /// <summary>The file, where it differs from the subject's.</summary>
    public SurveyedFile? File { get; init; }

    /// <summary>The subject's name in messages, where it differs from the subject's own.</summary>
    public string? Subject { get; init; }
}

/// <summary>One rule: a name, a severity, a reason, and a pure function.</summary>
/// <typeparam name="TSubject">What it looks at: a file, a leaf, an authority, a component, or the whole survey.</typeparam>
/// <param name="Name">Short name with dashes; stable, for scripts.</param>
/// <param name="Severity">How bad its faults are unless they say otherwise.</param>
/// <param name="Why">Why its faults matter.</param>
/// <param name="Check">Tells what is wrong; nothing where all is well.</param>
internal sealed record Rule<TSubject>(string Name, Severity Severity, string Why, Func<Survey, TSubject, IEnumerable<Fault>> Check)
{
    /// <summary>The findings of one subject.</summary>
    public IEnumerable<Finding> Run(Survey survey, TSubject subject, SurveyedFile? file, string title) =>
        Check(survey, subject).Select(fault => new Finding
        {
            Rule = Name,
            Severity = fault.Severity ?? Severity,
            Node = (fault.File ?? file)?.Node ?? "",
            Subject = fault.Subject ?? title,
            Path = (fault.File ?? file)?.Path ?? survey.Scope.Folder,
            What = fault.What,
            Why = Why,
            Fix = fault.Fix,
        });
}
