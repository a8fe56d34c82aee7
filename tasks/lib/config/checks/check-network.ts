import type { Finding, Place } from '../../cli/errors.ts'
import { type Checked, isFromClusterFile, placeOfNode, placeOfVariable } from '../cluster-file/places.ts'
import { type AddressRange, overlap, rangeOfAddress, rangesOf } from './addresses.ts'

/** A stretch of addresses that belongs to one purpose. */
interface Area extends AddressRange {
  title: string
  setting: string
  place: Partial<Place>
}

/** Subnets, ranges and addresses that get into each other's way. */
export function checkNetwork(checked: Checked): Finding[] {
  const areas = [...subnets(checked), ...loadBalancerAreas(checked)]
  const forwards = areas.filter((area) => area.first <= area.last)
  return [
    ...areas.filter((area) => area.first > area.last).map(reversedFinding),
    ...forwards.flatMap((area, index) =>
      forwards.slice(0, index).flatMap((other) => overlapFinding(area, other)),
    ),
    ...hosts(checked).flatMap((host) => forwards.flatMap((area) => insideFinding(host, area))),
    ...checkIngressAddress(checked),
    ...checkNodePorts(checked),
  ]
}

function subnets(checked: Checked): Area[] {
  const { podSubnet, serviceSubnet } = checked.config.cluster.network
  return [
    ...areasOf(podSubnet, {
      kind: 'pod subnet',
      setting: 'POD_SUBNET',
      place: placeOfVariable(checked, 'POD_SUBNET'),
    }),
    ...areasOf(serviceSubnet, {
      kind: 'service subnet',
      setting: 'SERVICE_SUBNET',
      place: placeOfVariable(checked, 'SERVICE_SUBNET'),
    }),
  ]
}

function loadBalancerAreas(checked: Checked): Area[] {
  const fromFile = isFromClusterFile(checked, 'LOAD_BALANCER_RANGES')
  const variable = placeOfVariable(checked, 'LOAD_BALANCER_RANGES')
  return checked.config.cluster.loadBalancerRanges.flatMap((text, index) => {
    const place = (fromFile && checked.places.get(`loadBalancer.ranges[${index}]`)) || variable
    return areasOf(text, { kind: 'load-balancer range', setting: 'LOAD_BALANCER_RANGES', place })
  })
}

function areasOf(text: string, about: { kind: string; setting: string; place: Partial<Place> }): Area[] {
  const { kind, setting, place } = about
  return rangesOf(text).map((range) => ({ ...range, title: `${kind} ${text}`, setting, place }))
}

interface Host extends AddressRange {
  title: string
  place: Partial<Place>
}

function hosts(checked: Checked): Host[] {
  const { nodes, endpoint } = checked.config.cluster
  const addresses = nodes.map(({ name, address }, index) => ({
    title: `the address ${address} of ${name}`,
    address: address ?? '',
    place: placeOfNode(checked, { index, field: 'address' }),
  }))
  if (endpoint) {
    const place = placeOfVariable(checked, 'K8S_ENDPOINT')
    addresses.push({ title: `the endpoint ${endpoint.host}`, address: endpoint.host, place })
  }
  return addresses.flatMap(({ title, address, place }) => {
    const range = rangeOfAddress(address)
    return range ? [{ ...range, title, place }] : []
  })
}

function reversedFinding(area: Area): Finding {
  const [first, last] = area.title.split(' ').at(-1)!.split('-')
  const message = `the ${area.title} ends before it begins`
  return { severity: 'error', ...area.place, message, hint: `did you mean ${last}-${first}?` }
}

function overlapFinding(area: Area, other: Area): Finding[] {
  if (!overlap(area, other)) return []
  const place = area.place.file ? area.place : other.place
  const message = `the ${area.title} overlaps the ${other.title}`
  const settings = area.setting === other.setting ? area.setting : `${area.setting} or ${other.setting}`
  return [
    {
      severity: 'error',
      ...place,
      message,
      hint: `move one of them: ${settings}, or the same in cluster.yaml`,
    },
  ]
}

function insideFinding(host: Host, area: Area): Finding[] {
  if (!overlap(host, area)) return []
  const message = `${host.title} lies inside the ${area.title}`
  const hint = `use another address, or another ${area.title.replace(/ [^ ]*$/, '')} (${area.setting})`
  return [{ severity: 'error', ...(host.place.file ? host.place : area.place), message, hint }]
}

function checkIngressAddress(checked: Checked): Finding[] {
  const { addons, network } = checked.config.cluster
  const address = checked.config.variables.get('K8S_INGRESS_NGINX_IP')!.value
  const range = rangeOfAddress(address)
  const services = rangesOf(network.serviceSubnet)
  if (!addons['ingress-nginx']!.enabled || !range || services.length === 0) return []
  if (services.some((service) => overlap(service, range))) return []
  const own = placeOfVariable(checked, 'K8S_INGRESS_NGINX_IP')
  const place = own.file ? own : placeOfVariable(checked, 'SERVICE_SUBNET')
  const message = `K8S_INGRESS_NGINX_IP ${address} lies outside the service subnet ${network.serviceSubnet}`
  const hint = `set K8S_INGRESS_NGINX_IP in .env to an address inside ${network.serviceSubnet}`
  return [{ severity: 'error', ...place, message, hint }]
}

function checkNodePorts(checked: Checked): Finding[] {
  const { variables } = checked.config
  const [http, https] = ['NODEPORT_HTTP', 'NODEPORT_HTTPS'].map((name) => variables.get(name)!)
  if (http!.value !== https!.value) return []
  const message = `NODEPORT_HTTP and NODEPORT_HTTPS are both ${http!.value}`
  return [
    {
      severity: 'error',
      ...(https!.place ?? http!.place),
      message,
      hint: 'for example NODEPORT_HTTPS=30443',
    },
  ]
}
