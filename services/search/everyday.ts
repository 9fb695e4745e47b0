// What people search pictures for, on any day: stands in for "some other query" where chance is measured.

export const EVERYDAY_QUERIES = `
dog, cat, bird, horse, fish, butterfly, flower, tree, forest, mountain, beach, lake, river, waterfall, sunset, moon,
snow, rain, fire, cloud, city, street, bridge, house, church, castle, tower, kitchen, bedroom, garden, window, door,
car, bicycle, train, airplane, boat, bus, motorcycle, road, man, woman, child, baby, family, crowd, smile, hands,
birthday, wedding, concert, football, dancing, running, swimming, reading, pizza, cake, apple, coffee, wine, bread,
salad, dinner table, computer, phone, camera, book, newspaper, map, clock, lamp, chair, sofa, shoes, dress, hat,
glasses, umbrella, bag, guitar, piano, painting, statue, red, blue, green, black and white, old, night, winter,
summer, toy, balloon, star, heart, money, medicine
`
  .split(',')
  .map((words) => words.trim());
