// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;

namespace Sealock.Gateway.Metrics;

/// <summary>Counts who was believed, and what they were allowed. Methods are those that authenticators name, never a client.</summary>
internal sealed class AccessMetrics
{
    /// <summary>A client certificate.</summary>
    public const string Certificate = "x509";

    /// <summary>A token that nobody knows.</summary>
    public const string UnknownToken = "token";

    /// <summary>No credentials.</summary>
    public const string Anonymous = "anonymous";

    private readonly ConcurrentDictionary<(string Method, bool Succeeded), StrongCount> _authentications = new();
    private readonly long[] _decisions = new long[8];

    /// <summary>Credentials were looked at.</summary>
    public void Authenticated(string method, bool succeeded) =>
        _authentications.GetOrAdd((method, succeeded), static _ => new StrongCount()).Add();

    /// <summary>It was asked whether somebody may do something.</summary>
    public void Decided(bool allowed, bool isResource, bool inProcess) =>
        Interlocked.Increment(ref _decisions[Index(allowed, isResource, inProcess)]);

    /// <summary>Writes what was counted.</summary>
    public void Write(PrometheusText text)
    {
        const string authentications = "sealock_authentication_attempts_total";
        text.Family(authentications, "counter", "Credentials looked at, by kind and by whether they were accepted.");
        foreach (var ((method, succeeded), count) in _authentications)
            text.Sample(authentications, count.Value, ("method", method), ("result", succeeded ? "success" : "failure"));
        const string decisions = "sealock_authorization_decisions_total";
        text.Family(decisions, "counter", "Requests decided on, by what they were about and where they came from.");
        foreach (var allowed in (bool[])[true, false])
        {
            foreach (var isResource in (bool[])[true, false])
            {
                foreach (var inProcess in (bool[])[true, false])
                {
                    text.Sample(
                        decisions, Interlocked.Read(ref _decisions[Index(allowed, isResource, inProcess)]),
                        ("decision", allowed ? "allow" : "deny"), ("kind", isResource ? "resource" : "path"),
                        ("from", inProcess ? "controllers" : "clients"));
                }
            }
        }
    }

    private static int Index(bool allowed, bool isResource, bool inProcess) =>
        (allowed ? 4 : 0) + (isResource ? 2 : 0) + (inProcess ? 1 : 0);

    private sealed class StrongCount
    {
        private long _value;

        public long Value => Interlocked.Read(ref _value);

        public void Add() => Interlocked.Increment(ref _value);
    }
}
