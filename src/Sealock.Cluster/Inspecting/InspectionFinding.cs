// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Cluster.Inspecting;

/// <summary>How bad a finding is.</summary>
public enum InspectionSeverity
{
    /// <summary>It works, but should not be so; no check fails for it.</summary>
    Warning,

    /// <summary>It does not work, or soon will not: a check fails.</summary>
    Error,
}

/// <summary>Something that is wrong.</summary>
/// <param name="Severity">How bad it is.</param>
/// <param name="Code">A stable word for machines: <c>expired</c>, <c>key-mismatch</c>…</param>
/// <param name="Message">What is wrong, in plain words, as a sentence about the item.</param>
/// <param name="Source">Where.</param>
/// <param name="Item">With what; null where it is about the whole source.</param>
public sealed record InspectionFinding(
    InspectionSeverity Severity, string Code, string Message, InspectedSource Source, InspectedItem? Item);
