// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;

namespace Sealock.Controllers.Approval.Expressions;

/// <summary>A rule cannot be evaluated for a subject.</summary>
internal sealed class CelFaultException(string message) : Exception(message);

/// <summary>A rule of a policy that has been read. Rules are few and asked often: each is read once.</summary>
internal sealed class CelRule
{
    private const int Longest = 4096;
    private const int Remembered = 1024;

    private static readonly ConcurrentDictionary<string, (CelRule? Rule, string Problem)> Known = new(StringComparer.Ordinal);

    private readonly CelValue _value;

    private CelRule(CelValue value) => _value = value;

    /// <summary>What of a rule is not understood; null where all is.</summary>
    public static string? WhatIsWrong(string text) => Find(text) is { Rule: null, Problem: var problem } ? problem : null;

    /// <summary>Whether a subject keeps to a rule; not where the rule is not understood, or cannot be evaluated.</summary>
    public static bool Holds(string text, CelSubject subject)
    {
        try
        {
            return Find(text).Rule?._value.BoolIn(new CelScope(subject)) is true;
        }
        catch (Exception fault) when (fault is CelFaultException or OverflowException)
        {
            return false;
        }
    }

    private static (CelRule? Rule, string Problem) Find(string text)
    {
        if (Known.TryGetValue(text, out var known))
            return known;
        if (Known.Count >= Remembered)
            Known.Clear();
        return Known[text] = Read(text);
    }

    private static (CelRule? Rule, string Problem) Read(string text)
    {
        if (text.Length > Longest)
            return (null, $"it is longer than {Longest} characters");
        try
        {
            return (new CelRule(new CelCompiler(CelToken.Read(text)).ReadAll()), "");
        }
        catch (FormatException problem)
        {
            return (null, problem.Message);
        }
    }
}
