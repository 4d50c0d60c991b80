// SPDX-License-Identifier: Apache-2.0
using System.Net;

namespace Sealock.Gateway.Audit.Outputs;

/// <summary>When a batch is sent again, and when it is given up.</summary>
internal static class WebhookRetry
{
    /// <summary>Attempts at a batch that is not worth more of them.</summary>
    public const int FewAttempts = 5;

    /// <summary>The longest wait between two attempts.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    private const double Factor = 1.5;
    private const double Jitter = 0.2;

    /// <summary>Whether a batch is sent no more.</summary>
    /// <param name="attempts">How often it was sent.</param>
    /// <param name="answer">What was answered the last time; null where nothing was.</param>
    /// <param name="requestsWait">Whether requests wait for it: then it must come to an end.</param>
    public static bool GivesUp(int attempts, HttpStatusCode? answer, bool requestsWait) =>
        attempts >= FewAttempts && (requestsWait || IsRefusal(answer));

    /// <summary>How long to wait after so many attempts.</summary>
    /// <param name="attempts">How often it was sent.</param>
    /// <param name="initial">The wait after the first.</param>
    /// <param name="chance">From 0 to 1: so that several senders do not all come at once.</param>
    public static TimeSpan WaitAfter(int attempts, TimeSpan initial, double chance)
    {
        var longest = Math.Max(LongestWait.TotalSeconds, initial.TotalSeconds);
        var seconds = Math.Min(longest, initial.TotalSeconds * Math.Pow(Factor, attempts - 1));
        return TimeSpan.FromSeconds(seconds * (1 + (Jitter * chance)));
    }

    /// <summary>Whether an answer says that this batch will never be taken.</summary>
    private static bool IsRefusal(HttpStatusCode? answer) =>
        (int?)answer is >= 300 and < 500 and not (401 or 403 or 404 or 408 or 425 or 429);
}
