// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.RegularExpressions;
using Xunit.Abstractions;

namespace Sealock.EndToEnd.Rotation;

/// <summary>
/// The serving certificate and the CA of clients are replaced again and again while clients ask and watch, and none of them
/// notices. SEALOCK_SERVING_ROTATIONS, SEALOCK_SECRET_ROTATIONS and SEALOCK_CLIENT_CA_ROTATIONS say how often, SEALOCK_FLEET how
/// many clients there are (kept connections, new connections, watches), SEALOCK_ROTATION_PAUSE how many milliseconds each certificate is
/// served; eng/long/serving-rotation.sh makes it 200, 40, 10, 64 64 20 and 1000.
/// </summary>
public sealed partial class ServingRotationTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(Setting("SEALOCK_ROTATION_PAUSE", 250));

    [Fact]
    public Task Nobody_notices_that_the_serving_certificate_in_files_and_the_CA_of_clients_are_replaced() =>
        RotateAsync(inSecret: false, Setting("SEALOCK_SERVING_ROTATIONS", 6), Setting("SEALOCK_CLIENT_CA_ROTATIONS", 2));

    [Fact]
    public Task Nobody_notices_that_the_serving_certificate_in_a_Secret_is_replaced() =>
        RotateAsync(inSecret: true, Setting("SEALOCK_SECRET_ROTATIONS", 3), 0);

    private async Task RotateAsync(bool inSecret, int rotations, int clientRotations)
    {
        var size = Size();
        await using var server = await RotatingServer.StartAsync(inSecret);
        // Clients trust the CA of what is brought along.
        await server.RotateServingAsync(null);
        server.Delays.Clear();
        await using var fleet = new Fleet(server.Target, size, RotatingServer.Token, () => server.Client);
        fleet.Expect(1, await server.Target.ShownAsync());
        await fleet.StartAsync();
        var (done, megabytes) = (0, server.Megabytes);
        for (var i = 1; i <= rotations; i++)
        {
            await server.RotateServingAsync(fleet);
            while (done * rotations < i * clientRotations)
            {
                await server.RotateClientCaAsync(fleet);
                done++;
            }

            await Task.Delay(Between, TimeProvider.System);
        }

        await fleet.StopAsync();
        var tally = fleet.Tally;
        var (resumed, full) = Handshakes(await server.MetricsAsync());
        var reconnects = tally.Reconnects(size.Kept, size.Watches);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"""
            {(inSecret ? "Secret" : "files")}: {rotations} rotations of the serving certificate, {done} of the CA of clients; {size.Kept} kept, {size.Fresh} new-connection and {size.Watches} watch clients
            {tally.Requests} requests ({tally.Kept} on kept connections, {tally.Fresh} on new ones, {tally.Writes} writes), {tally.Events} watch events, {full} full and {resumed} resumed handshakes
            failed {tally.Failed}, dropped watches {tally.DroppedWatches}, unexpected reconnects {reconnects}, older certificates after a newer {tally.Stale}
            from the change to a handshake that shows it: {FleetTally.Describe(server.Delays.Select(delay => delay.TotalMilliseconds))}
            requests: {tally.Durations}
            memory of the server: {megabytes} MB before, {server.Megabytes} MB after
            """));
        Assert.True(tally.Failed + tally.DroppedWatches + tally.Stale + reconnects == 0, string.Join('\n', tally.Failures));
        Assert.True(tally.Kept >= size.Kept && tally.Fresh >= size.Fresh && tally.Events >= size.Watches);
        Assert.True(resumed > 0, "no session was resumed");
        Assert.DoesNotContain("Unhandled", server.Log, StringComparison.Ordinal);
    }

    private static FleetSize Size() =>
        (Environment.GetEnvironmentVariable("SEALOCK_FLEET") ?? "24 24 10").Split(' ').Select(number => int.Parse(number, CultureInfo.InvariantCulture)).ToList()
            is [var kept, var fresh, var watches]
            ? new FleetSize(kept, fresh, watches)
            : throw new FormatException("SEALOCK_FLEET is not of the form '64 64 20'");

    private static (long Resumed, long Full) Handshakes(string metrics)
    {
        var counts = Handshake().Matches(metrics).ToLookup(
            match => match.Groups[1].Value == "true", match => (long)double.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture));
        return (counts[true].Sum(), counts[false].Sum());
    }

    [GeneratedRegex("""^sealock_tls_handshakes_total\{result="ok".*resumed="(\w+)".*\} ([0-9.E+]+)$""", RegexOptions.Multiline)]
    private static partial Regex Handshake();

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var set) ? set : otherwise;
}
